"""A real Chromium without a window, driven through its debugging pipe: pages are clicked, played and printed."""

import base64
import json
import os
import select
import shutil
import subprocess
import time

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if os.name != "posix":
    PROGRAM = None
# No name is resolved, so nothing can be fetched.
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    "--disable-component-update",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)
# What a key is called, beside its own name.
KEYS = {
    " ": ("Space", 32),
    "Tab": ("Tab", 9),
    "Enter": ("Enter", 13),
    "Home": ("Home", 36),
    "End": ("End", 35),
    "PageUp": ("PageUp", 33),
    "PageDown": ("PageDown", 34),
    "Escape": ("Escape", 27),
    "[": ("BracketLeft", 219),
    "]": ("BracketRight", 221),
    "?": ("Slash", 191),
    "ArrowLeft": ("ArrowLeft", 37),
    "ArrowRight": ("ArrowRight", 39),
    "b": ("KeyB", 66),
    "l": ("KeyL", 76),
    "x": ("KeyX", 88),
    "z": ("KeyZ", 90),
}
SHIFT = 8


class Browser:
    """A running Chromium with one page, and all that it said since: errors, refusals, requests."""

    def __init__(self, profile, *, wait_s=60.0):
        import fcntl  # not everywhere, and neither is the pipe

        self.events, self._read, self._count, self._wait_s = [], b"", 0, wait_s
        to_child, self._out = os.pipe()
        self._in, from_child = os.pipe()

        def pipes():
            # Chromium reads from 3 and writes to 4; copies far above them keep the two from covering each other.
            high = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_child, from_child)]
            for end, wanted in zip(high, (3, 4), strict=True):
                os.dup2(end, wanted)

        command = [PROGRAM, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, preexec_fn=pipes, close_fds=False, **quiet)  # noqa: PLW1509
        os.close(to_child)
        os.close(from_child)
        self._session = None
        page = next(t for t in self.send("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self._session = self.send("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.send(f"{domain}.enable")

    def close(self):
        """End it, by word or by force."""
        try:
            self._session = None
            self.send("Browser.close")
            self._process.wait(10)
        except (OSError, TimeoutError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def send(self, method, **parameters):
        """Give a command and return its result; what else is said meanwhile is kept."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + self._wait_s
        while True:
            answer = self._next(until)
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def _next(self, until):
        while b"\0" not in self._read:
            left_s = until - time.monotonic()
            if left_s <= 0 or not select.select([self._in], [], [], left_s)[0]:
                raise TimeoutError("the browser does not answer")
            got = os.read(self._in, 1 << 20)
            if not got:
                raise TimeoutError("the browser has gone")
            self._read += got
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)

    # ------------------------------------------------------------------------------------------------------ the page
    def open(self, path):
        """Open a file and wait until it is there."""
        self.events.clear()
        self.send("Page.navigate", url=path.as_uri())
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")

    def run(self, expression):
        """Return what an expression gives in the page; one that promises something is waited for."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, condition):
        """Wait until an expression is true in the page."""
        until = time.monotonic() + self._wait_s
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > until:
                raise TimeoutError(f"never true: {condition}")
            time.sleep(0.02)

    def complaints(self):
        """Return errors and warnings of the page since it was opened: of scripts, the console and the page's policy."""
        said = []
        for event in self.events:
            method, what = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                said.append(str(what["exceptionDetails"].get("exception", what)))
            elif method == "Runtime.consoleAPICalled":
                said.append(str(what["args"]))
            elif method == "Log.entryAdded":
                said.append(what["entry"]["text"])
            elif method == "Audits.issueAdded":
                said.append(str(what["issue"]["code"]))
        return said

    def requests(self):
        """Return the addresses that were asked for, but for data within the page."""
        asked = [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [address for address in asked if not address.startswith("data:")]

    # ------------------------------------------------------------------------------------------------- mouse and keys
    def click(self, selector, *, across=0.5, down=0.5):
        """Click on an element, in its middle or at another part of its width and height."""
        find = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{find}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        left, top, width, height = self.run(
            f"(({{left, top, width, height}}) => [left, top, width, height])({find}.getBoundingClientRect())"
        )
        place = {"x": left + across * width, "y": top + down * height, "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, **place)

    def press(self, key, *, shift=False):
        """Press and release a key."""
        code, number = KEYS[key]
        what = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": SHIFT if shift else 0}
        text = {"text": key} if len(key) == 1 else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", **what, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **what)

    def drag(self, selector, value):
        """Move a slider to a value."""
        self.run(
            f"(slider => {{ slider.value = {value}; slider.dispatchEvent(new Event('input', {{bubbles: true}})); }})"
            f"(document.querySelector({json.dumps(selector)}))"
        )

    def screen(self, width, height):
        """Make the page as large as it is on a screen of that size."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )

    def prefer(self, medium="", **features):
        """Show the page on a medium such as print, to one who prefers dark colours, less motion and the like."""
        named = [{"name": f"prefers-{name.replace('_', '-')}", "value": choice} for name, choice in features.items()]
        self.send("Emulation.setEmulatedMedia", media=medium, features=named)

    def picture(self):
        """Return a PNG of what is seen of the page."""
        return base64.b64decode(self.send("Page.captureScreenshot")["data"])

"""A real Chromium without a window, driven through its debugging pipe: pages are clicked, played and printed."""

import base64
import functools
import json
import os
import select
import shutil
import subprocess
import time
import urllib.parse
from pathlib import Path

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if os.name != "posix":
    PROGRAM = None
# No name is resolved, so nothing can be fetched but from this machine by its number.
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    "--disable-component-update",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
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
    "t": ("KeyT", 84),
    "x": ("KeyX", 88),
    "z": ("KeyZ", 90),
}
SHIFT = 8
# A request that got one of these is over.
ENDS = {"Network.loadingFinished", "Network.loadingFailed"}
AXE = Path(
    os.environ.get(
        "RIFFSCOPE_AXE", Path(__file__).parents[1] / "build" / "axe" / "node_modules" / "axe-core/axe.min.js"
    )
)
NO_AXE = "axe-core is not there: run `make axe`, or name it in RIFFSCOPE_AXE"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES_BROKEN = f"""
(within) => axe.run(within ? document.querySelector(within) : document,
  {{runOnly: {RULES}, resultTypes: ['violations'], iframes: false}}).then(({{violations}}) => violations
  .filter(({{tags, impact}}) => !tags.includes('best-practice') || ['serious', 'critical'].includes(impact))
  .map(({{id, nodes}}) => [id, nodes.length, nodes[0].html.slice(0, 200), nodes[0].failureSummary]))
"""


class Pipe:
    """What a running Chromium is told and says: the answers to commands, and events by the tab that they are of."""

    def __init__(self, profile, *, wait_s):
        import fcntl  # not everywhere, and neither is the pipe

        self.events = {}
        self._read, self._count, self._wait_s = b"", 0, wait_s
        to_child, self._out = os.pipe()
        self._in, from_child = os.pipe()

        def pipes():
            # Chromium reads from 3 and writes to 4; copies far above them keep the two from covering each other.
            high = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_child, from_child)]
            for end, wanted in zip(high, (3, 4), strict=True):
                os.dup2(end, wanted)

        command = [PROGRAM, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, preexec_fn=pipes, close_fds=False, **quiet)  # noqa: PLW1509
        os.close(to_child)
        os.close(from_child)

    def close(self):
        """End the program, by word or by force."""
        try:
            self.send(None, "Browser.close")
            self.process.wait(10)
        except (OSError, TimeoutError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self._in)
        os.close(self._out)

    def send(self, session, method, **parameters):
        """Give a command and return its result; what else is said meanwhile is kept."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + self._wait_s
        while True:
            answer = self._next(until)
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.setdefault(answer.get("sessionId"), []).append(answer)

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


class Tab:
    """A page, and all that it said since it was opened: errors, refusals, requests."""

    def __init__(self, pipe, target, *, wait_s):
        self.pipe, self.target, self._wait_s = pipe, target, wait_s
        self._session = pipe.send(None, "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.events = pipe.events.setdefault(self._session, [])
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.send(f"{domain}.enable")

    def send(self, method, **parameters):
        """Give a command about this page and return its result."""
        return self.pipe.send(self._session, method, **parameters)

    # ------------------------------------------------------------------------------------------------------ the page
    def open(self, where):
        """Open a file, or an address, and wait until it is there; what it refuses to open is an error."""
        self.send("Page.navigate", url="about:blank")  # the page before has said its last then
        self.wait("location.protocol === 'about:'")
        self.events.clear()
        address = where.as_uri() if isinstance(where, Path) else where
        failed = self.send("Page.navigate", url=address).get("errorText")
        if failed:
            raise RuntimeError(f"{address}: {failed}")
        self.wait("document.readyState === 'complete' && location.protocol !== 'about:'")

    def reload(self):
        """Load the page anew and wait until it is there."""
        self.run("window.left = true")
        self.send("Page.reload")
        self.wait("document.readyState === 'complete' && !window.left")

    def close(self):
        """Close the tab."""
        self.pipe.send(None, "Target.closeTarget", targetId=self.target)

    def run(self, expression):
        """Return what an expression gives in the page; one that promises something is waited for."""
        return _value(self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True))

    def wait(self, condition, *, wait_s=None):
        """Wait until an expression is true in the page, through its loads, and return what it is."""
        wait_s = self._wait_s if wait_s is None else wait_s
        until, why = time.monotonic() + wait_s, ""
        while True:
            # What throws is not true yet: an element is to come, or the page is just being left.
            try:
                found = self.run(condition)
            except RuntimeError as error:
                found, why = None, f" ({error})"
            if found:
                return found
            if time.monotonic() > until:
                raise TimeoutError(f"not true in {wait_s:g} s: {condition}{why}; the page says: {self.says()}")
            time.sleep(0.02)

    def says(self):
        """Return the beginning of what the page says."""
        return self.run("document.body.innerText.replace(/\\s+/g, ' ').slice(0, 1500)")

    def settle(self, *, quiet_s=0.2):
        """Wait until nothing has been asked for or arrived for a while; streams that stay open do not count."""
        seen, since = -1, time.monotonic()
        until = since + self._wait_s
        while time.monotonic() < until:
            self.run("0")
            said = [e for e in self.events if e.get("method", "").startswith("Network.")]
            ended = {e["params"]["requestId"] for e in said if e["method"] in ENDS}
            going = [
                e
                for e in said
                if e["method"] == "Network.requestWillBeSent"
                and e["params"]["requestId"] not in ended
                and e["params"].get("type") != "EventSource"
            ]
            if going or len(said) != seen:
                seen, since = len(said), time.monotonic()
            elif time.monotonic() > since + quiet_s:
                return
            time.sleep(0.02)
        raise TimeoutError(f"never quiet: {[e['params']['request']['url'] for e in going]}")

    def frame(self, selector="iframe"):
        """Return the page within the page that an element shows, once it has loaded."""
        until = time.monotonic() + self._wait_s
        find = f"document.querySelector({json.dumps(selector)})"
        self.wait(f"{find}?.contentDocument?.readyState === 'complete' && {find}.contentDocument.URL !== 'about:blank'")
        while time.monotonic() < until:
            handle = self.send("Runtime.evaluate", expression=find)["result"]["objectId"]
            frame = self.send("DOM.describeNode", objectId=handle)["node"]["frameId"]
            gone = {
                e["params"]["executionContextUniqueId"]
                for e in self.events
                if e.get("method") == "Runtime.executionContextDestroyed"
            }
            contexts = [
                context["uniqueId"]
                for e in self.events
                if e.get("method") == "Runtime.executionContextCreated"
                and (context := e["params"]["context"])["uniqueId"] not in gone
                and context["auxData"] == {"isDefault": True, "type": "default", "frameId": frame}
            ]
            if contexts:
                return Frame(self, selector, contexts[-1])
            time.sleep(0.02)
        raise TimeoutError(f"no page in {selector}")

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

    def hosts(self):
        """Return the hosts, with their ports, of whatever was asked for."""
        return {urllib.parse.urlsplit(address).netloc for address in self.requests()} - {""}

    # ------------------------------------------------------------------------------------------------- mouse and keys
    def click(self, selector, *, across=0.5, down=0.5):
        """Click on an element, in its middle or at another part of its width and height."""
        x, y = self.place(selector, across=across, down=down)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def place(self, selector, *, across=0.5, down=0.5):
        """Scroll an element into view, once it is there, and return where a part of it is."""
        find = f"document.querySelector({json.dumps(selector)})"
        self.wait(f"{find} !== null")
        self.run(f"{find}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        left, top, width, height = self.run(
            f"(({{left, top, width, height}}) => [left, top, width, height])({find}.getBoundingClientRect())"
        )
        return left + across * width, top + down * height

    def drop(self, selector, paths):
        """Drag files from elsewhere onto an element and let them go there."""
        x, y = self.place(selector)
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.send("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def choose(self, selector, paths):
        """Choose files in a field for files."""
        find = f"document.querySelector({json.dumps(selector)})"
        handle = self.send("Runtime.evaluate", expression=find)["result"]["objectId"]
        self.send("DOM.setFileInputFiles", objectId=handle, files=[str(path) for path in paths])

    def write(self, selector, text):
        """Type a text into a field, in place of what it holds."""
        find = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{find}.focus(); {find}.select?.()")
        self.send("Input.insertText", text=text)

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

    def picture(self, *, whole=False):
        """Return a PNG of what is seen of the page, or of the whole page."""
        return base64.b64decode(self.send("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    # ---------------------------------------------------------------------------------------------------------- rules
    def broken_rules(self, *, within=""):
        """Return what axe-core finds against the rules of accessible pages; pages within the page are not looked into.

        The rules of the guidelines, levels A and AA, must all hold; of what is merely good practice, what matters most.
        """
        self.run(f"if (!window.axe) {{ {_axe()} }}; 0")
        return self.run(f"({RULES_BROKEN})({json.dumps(within)})")


class Frame:
    """A page within the page of a tab."""

    def __init__(self, tab, selector, context):
        self._tab, self._selector, self._context = tab, selector, context

    def run(self, expression):
        """Return what an expression gives in the page within."""
        more = {"returnByValue": True, "awaitPromise": True, "uniqueContextId": self._context}
        return _value(self._tab.send("Runtime.evaluate", expression=expression, **more))

    wait, says = Tab.wait, Tab.says

    @property
    def _wait_s(self):
        return self._tab._wait_s

    def click(self, selector, *, across=0.5, down=0.5):
        """Click on an element of the page within."""
        x, y = Tab.place(self, selector, across=across, down=down)
        left, top = self._tab.place(self._selector, across=0, down=0)
        for kind in ("mousePressed", "mouseReleased"):
            self._tab.send("Input.dispatchMouseEvent", type=kind, x=left + x, y=top + y, button="left", clickCount=1)


class Browser(Tab):
    """A running Chromium with one tab, which it is, and with more if wanted."""

    def __init__(self, profile, *, wait_s=60.0):
        pipe = Pipe(profile, wait_s=wait_s)
        targets = pipe.send(None, "Target.getTargets")["targetInfos"]
        super().__init__(pipe, next(t["targetId"] for t in targets if t["type"] == "page"), wait_s=wait_s)

    def close(self):
        """End it, by word or by force."""
        self.pipe.close()

    def tab(self):
        """Return one more tab."""
        target = self.pipe.send(None, "Target.createTarget", url="about:blank")["targetId"]
        return Tab(self.pipe, target, wait_s=self._wait_s)

    def forget(self):
        """Forget every cookie."""
        self.pipe.send(None, "Storage.clearCookies")

    def downloads_into(self, folder):
        """Let pages download into a folder from now on, and return what will be there."""
        events = self.pipe.events.setdefault(None, [])
        events.clear()
        where = {"downloadPath": str(folder), "eventsEnabled": True}
        self.pipe.send(None, "Browser.setDownloadBehavior", behavior="allow", **where)
        return Downloads(self, Path(folder), events)


class Downloads:
    """What was downloaded since."""

    def __init__(self, browser, folder, events):
        self._browser, self._folder, self._events = browser, folder, events

    def wait(self, *, count=1):
        """Wait until so many files are there and nothing is under way, and return their paths."""
        until = time.monotonic() + self._browser._wait_s
        while time.monotonic() < until:
            self._browser.run("0")
            begun = [e["params"] for e in self._events if e.get("method") == "Browser.downloadWillBegin"]
            states = {
                e["params"]["guid"]: e["params"]["state"]
                for e in self._events
                if e.get("method") == "Browser.downloadProgress"
            }
            if "canceled" in states.values():
                raise RuntimeError("a download was cut off")
            if len(begun) >= count and all(states.get(one["guid"]) == "completed" for one in begun):
                return [self._folder / one["suggestedFilename"] for one in begun]
            time.sleep(0.02)
        raise TimeoutError(f"nothing was downloaded; the page says: {self._browser.says()}")


def _value(answer):
    if "exceptionDetails" in answer:
        raise RuntimeError(answer["exceptionDetails"].get("exception", answer["exceptionDetails"]))
    return answer["result"].get("value")


@functools.cache
def _axe():
    return AXE.read_text("utf-8")

"""crema: its chord model, printed in riffscope's JSON.

    python crema_chords.py SONG

A convolutional and recurrent network that learned from some 1200 annotated recordings (McFee & Bello, "Structured
training for large-vocabulary chord recognition", ISMIR 2017). It needs libraries of its time, in an environment of
Python 3.9:

    pip install "tensorflow-cpu==2.8.*" "protobuf<3.21" "numpy<1.23" "librosa==0.9.2" "numba<0.57" \
        "scikit-learn<1.1" "jams==0.3.*" mir_eval soundfile "setuptools<66"
    pip install --no-deps "pumpp==0.6.*" "crema==0.2.0"
"""

import json
import sys
import warnings

warnings.filterwarnings("ignore")

from crema.models.chord import ChordModel  # noqa: E402 - it warns as it is imported


def main() -> int:
    """Name the chords of the song that the command line names, and print the JSON."""
    found = ChordModel().predict(filename=sys.argv[1])
    spans = [
        {
            "start_s": float(each.time),
            "end_s": float(each.time + each.duration),
            "label": each.value,
            "probability": float(each.confidence),
        }
        for each in found.data
    ]
    print(json.dumps({"measurements": {"chords": {"status": "measured", "value": {"spans": spans}}}}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

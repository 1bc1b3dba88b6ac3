"""One program from its data to programs without Python: `make tour`.

A dataset, a compiled loop of training over it, metrics, TensorBoard, checkpoints; the process is killed and goes on;
the model is saved, loaded in a process that does not have the code, and run by a program in C and by a browser.
"""

from __future__ import annotations

import importlib.util
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import stepwell as sw
from tour.in_browser import browser, read_page, write_page
from tour.model import EPOCHS, Perceptron, images_and_labels

HERE = Path(__file__).parent
OUT = HERE.parent / "out" / "tour"
MODEL, NATIVE = OUT / "model", OUT / "native"

LOAD = """
import sys, numpy as np, stepwell as sw
model = sw.saved_model.load(sys.argv[1])
images, labels = np.load(sys.argv[2]).values()
found = model.signatures["serving_default"](images=sw.constant(images))["scores"]
print(f"{np.mean(np.argmax(found, axis=1) == labels):.4f}")
"""


def main() -> None:
    """Each stop of the tour, with what it shows."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    kill_and_go_on()
    expected = save()
    np.savez(OUT / "test.npz", images=test_images(), labels=test_labels())
    arguments = [sys.executable, "-c", LOAD, str(MODEL), str(OUT / "test.npz")]
    there = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.strip()
    say("loaded in a process without the code", f"accuracy {there}, here {expected:.4f}")
    in_c(expected)
    in_browser(expected)


def test_images() -> np.ndarray:
    """The images that are not trained on."""
    return images_and_labels()[2]


def test_labels() -> np.ndarray:
    """What they show."""
    return images_and_labels()[3]


def say(what: str, text: str) -> None:
    """Print a stop of the tour."""
    print(f"{what:<40} {text}", flush=True)


def kill_and_go_on() -> None:
    """Train in another process, end that without warning, and train on in a third one."""
    command = [sys.executable, "-m", "tour.train", str(OUT)]
    first = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    for line in first.stdout:
        print("  " + line, end="", flush=True)
        if line.startswith("epoch 3"):
            time.sleep(0.02)  # somewhere in the next epoch
            first.send_signal(signal.SIGKILL)
            break
    first.wait()
    say("killed", f"exit status {first.returncode}")
    second = subprocess.run(command, cwd=HERE.parent, check=True, capture_output=True, text=True).stdout
    print("".join(f"  {line}\n" for line in second.splitlines()), end="")
    begun = next(line for line in second.splitlines() if line.startswith("epoch"))
    say("trained on", f"from {begun.split(':')[0]} of {EPOCHS}")
    files = list((OUT / "logs").glob("events.*"))
    say("TensorBoard", f"tensorboard --logdir {OUT / 'logs'} ({len(files)} files of events)")


def restored() -> Perceptron:
    """The model of the last checkpoint."""
    model = Perceptron()
    status = sw.train.Checkpoint(model=model).restore(sw.train.latest_checkpoint(str(OUT / "checkpoints")))
    status.expect_partial().assert_existing_objects_matched()
    return model


def save() -> float:
    """Save the model, for Python and for C; its accuracy."""
    model = restored()
    sw.saved_model.save(model, MODEL, signatures=model.scores)
    say("saved", f"{MODEL}: {', '.join(sorted(file.name for file in MODEL.iterdir()))}")
    sw.native.export({"scores": model.scores}, NATIVE, name="digits", cpu="host")
    say("exported", f"{NATIVE}: {', '.join(sorted(file.name for file in NATIVE.iterdir()))}")
    found = model.scores(sw.constant(test_images()))["scores"]
    return float(np.mean(np.argmax(found, axis=1) == test_labels()))


def in_c(expected: float) -> None:
    """Run the model in a program in C, which reads the images from a file."""
    compiler = shutil.which("cc")
    if compiler is None:
        say("in C", "there is no C compiler here")
        return
    program, images = OUT / "digits", OUT / "images.bin"
    images.write_bytes(test_images().tobytes() + test_labels().astype(np.int32).tobytes())
    sources = [HERE / "digits.c", NATIVE / "digits.c", NATIVE / "digits.o"]
    subprocess.run([compiler, "-O2", f"-I{NATIVE}", *sources, "-lm", "-o", program], check=True)
    found = subprocess.run([program, images, str(len(test_labels()))], check=True, capture_output=True, text=True)
    say("in C", f"accuracy {found.stdout.strip()}, here {expected:.4f}; {program.stat().st_size / 1024:.0f} KB")
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    names = [line.split()[0] for line in libraries.splitlines() if line.strip()]
    say("what it is linked with", ", ".join(names))


def in_browser(expected: float) -> None:
    """Run the model in a page."""
    if importlib.util.find_spec("ziglang") is None or browser() is None:
        say("in a browser", "the package ziglang, or Chromium, is not here")
        return
    model = restored()
    page = write_page({"scores": model.scores}, test_images(), test_labels(), OUT)
    say("in a browser", f"{read_page(page)}, here {expected:.4f}; {page}")


if __name__ == "__main__":
    main()

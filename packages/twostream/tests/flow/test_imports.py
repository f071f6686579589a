import subprocess
import sys


def test_importing_the_package_is_light():
    code = "import sys, twostream.flow; print([m for m in ('numba', 'cv2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_had():
    import twostream.flow as package

    assert all(getattr(package, name) is not None for name in package.__all__)

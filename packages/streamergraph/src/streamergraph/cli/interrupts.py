"""Ctrl-C at whatever moment of a command: one line, exit status 130, no traceback.

While modules are loaded nothing has begun, and Ctrl-C ends the process there and then. While a command
works it is a KeyboardInterrupt, so that files, locks and workers are left in order. Once all is done
or told it changes nothing any more. Only the time before `leave_at_once` is called is out of reach:
Python's own start.
"""

# Loaded before Ctrl-C is looked after: nothing that takes time.
from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

STATUS = 130
LINE = "\ninterrupted: call the same command again to go on\n"
AGAIN_SECONDS = 0.05
_POLARS = f"{os.sep}polars{os.sep}"
# All of its callers wait meanwhile.
_UNINTERRUPTED = ("<frozen importlib", f"multiprocessing{os.sep}popen_")


def leave_at_once() -> None:
    """From now on Ctrl-C ends this process on the spot; for the time in which modules are loaded.

    Where it is ignored (a job in the background of a shell) or has another handler, that stays.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def call(command: Callable[[], None]) -> None:
    """Call `command`, which Ctrl-C interrupts by a KeyboardInterrupt; tell it, and SystemExit(130) then.

    Afterwards Ctrl-C is ignored. To be called in the main thread, as the last thing it does.
    """
    interrupts = _Interrupts()
    try:
        try:
            interrupts.stand()
            command()
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        signal.signal(
            signal.SIGINT, signal.SIG_IGN
        )  # this one may have come instead of the same above
        _tell_and_exit()
    except BaseException as error:
        # Modules in C make an error of their own of an interrupt: one of loading, or that a query was
        # interrupted; or it made an error that was told as a user's.
        ended_well = isinstance(error, SystemExit) and error.code in (None, 0)
        if ended_well or not interrupts.came:
            raise
        _tell_and_exit()
    finally:
        # Where an interrupt met `exec` of a text (every dataclass is made so), Python remembers it as
        # one that nobody caught and kills itself by the signal at its end, unless a later `exec` of a
        # text went well.
        exec("")


class _Interrupts:
    """Raises KeyboardInterrupt on Ctrl-C, and again where it was raised in vain."""

    def __init__(self) -> None:
        self.came = False

    def stand(self) -> None:
        """Take over from `leave_at_once`."""
        if signal.getsignal(signal.SIGINT) in (_leave, signal.default_int_handler):
            signal.signal(signal.SIGINT, self._interrupt)
            usual_lost, usual_printed = sys.unraisablehook, sys.excepthook

            # In a destructor or a callback of C code Python only prints an exception and goes on.
            def lost(unraisable: sys.UnraisableHookArgs) -> None:
                if issubclass(unraisable.exc_type, KeyboardInterrupt):
                    self._again()
                else:
                    usual_lost(unraisable)

            def printed(
                kind: type[BaseException], error: BaseException, trace: TracebackType | None
            ) -> None:
                if issubclass(kind, KeyboardInterrupt):
                    self._again()
                else:
                    usual_printed(kind, error, trace)

            sys.unraisablehook, sys.excepthook = lost, printed

    def _interrupt(self, _signal: int, frame: FrameType | None) -> None:
        self.came = True
        # Windows has no such timer.
        if _is_delicate(frame) and hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._interrupt)
            signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
        else:
            raise KeyboardInterrupt

    def _again(self) -> None:
        """Interrupt once more, when what could not be interrupted is over."""
        import threading

        timer = threading.Timer(AGAIN_SECONDS, _interrupt_main_thread)
        timer.daemon = True
        timer.start()


def _is_delicate(frame: FrameType | None) -> bool:
    """Whether what waits for `frame` would end the process, or mistake an interrupt for a defect.

    So it is while a module is loaded (nanobind aborts), where Polars has called its own Python, and
    while a worker is started, which complains where it is not told what to do.
    """
    innermost = frame
    while frame is not None:
        file = frame.f_code.co_filename
        if any(part in file for part in _UNINTERRUPTED):
            return True
        if frame is innermost and _POLARS in file:
            return True
        frame = frame.f_back
    return False


def _interrupt_main_thread() -> None:
    """Send SIGINT to the main thread, which a signal to another one does not wake from waiting."""
    import threading

    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def _tell_and_exit() -> None:
    sys.stderr.write(LINE)
    sys.exit(STATUS)


def _leave(*_: object) -> None:
    try:
        os.write(2, LINE.encode())
    finally:
        os._exit(STATUS)

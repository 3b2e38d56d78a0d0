"""What a function tells its user besides its result."""

import threading

from server_library import Error
from server_library import Info
from server_library import Progress
from server_library import Server
from server_library import Success
from server_library import Warning

app = Server()
turns = threading.Semaphore(0)


@app.api(concurrency_limit=None)
def open_gate() -> None:
    turns.release()


@app.api
def info(text: str) -> str:
    Info(text)
    return text


@app.api
def all_levels() -> None:
    Info("i", duration=1, visible=True, title="I")
    Warning("w", 2, False, "W")
    Success("s", duration=None)
    Info()
    Warning()
    Success()


@app.api
async def info_async(text: str) -> str:
    Info(text)
    return text


@app.api
def info_of_a_number(value: float) -> None:
    Info(value, duration=value)


@app.api
def half() -> str:
    Progress()(0.5, desc="half")
    turns.acquire(timeout=60)
    return "done"


@app.api
def three_of_four() -> str:
    Progress()((3, 4), desc="three", unit="pages")
    turns.acquire(timeout=60)
    return "done"


@app.api
def unknown() -> str:
    Progress()(None, desc="who knows")
    turns.acquire(timeout=60)
    return "done"


@app.api
def with_total() -> str:
    Progress()(0.25, total=8)
    turns.acquire(timeout=60)
    return "done"


@app.api
def loop() -> str:
    for _ in Progress().tqdm([1, 2], desc="loop", unit="rounds"):
        turns.acquire(timeout=60)
    return "done"


@app.api
def outer_and_inner() -> str:
    progress = Progress()
    for _ in progress.tqdm(range(1), desc="outer"):
        for _ in progress.tqdm(iter("ab"), total=2, desc="inner"):
            turns.acquire(timeout=60)
    return "done"


@app.api
def tracking() -> str:
    Progress(track_tqdm=True)(0.5)
    turns.acquire(timeout=60)
    return "done"


@app.api
def plain_error(text: str) -> str:
    raise ValueError(text)


@app.api
async def plain_error_async(text: str) -> str:
    raise ValueError(text)


@app.api
def user_error(text: str) -> str:
    raise Error(text)


@app.api
def user_error_with_all() -> str:
    raise Error("no", duration=3, visible=False, title="Title", print_exception=False)


@app.api
def user_error_for_ever() -> str:
    raise Error("no", duration=None)


@app.api
def user_error_without_text() -> str:
    raise Error


class OwnError(Error):
    """An error of the app's own."""


@app.api
def own_error() -> str:
    raise OwnError("mine", title="Own")


@app.api
def error_about_another() -> str:
    try:
        raise KeyError("a")
    except KeyError as error:
        raise Error("because") from error


@app.api
def failed_assertion() -> str:
    assert False, "never"  # noqa: B011, PT015

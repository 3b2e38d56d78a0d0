"""Files in arguments."""

from __future__ import annotations

from .scenes import accepts
from .scenes import rejects
from .talk import Talk
from .talk import completed
from .talk import lifecycle

UPLOADED = "/tmp/gradio/ab/a.txt"
META = {"_type": "gradio.FileData"}


@rejects("CLIENT-025")
def a_path_of_the_device(talk: Talk) -> None:
    talk.meet().call("size", [{"path": "file:///storage/emulated/0/a.jpg", "meta": META}])


@rejects("CLIENT-025")
def a_path_of_the_device_in_a_file_without_its_mark(talk: Talk) -> None:
    talk.meet().call("size", [{"path": "C:\\Users\\Ann\\a.jpg"}])


@accepts("CLIENT-025")
def a_path_that_was_uploaded(talk: Talk) -> None:
    talk.meet().upload()
    talk.call("size", [{"path": UPLOADED, "meta": META}])


@accepts("CLIENT-025")
def a_path_that_an_output_told(talk: Talk) -> None:
    talk.meet().join()
    stream = talk.open()
    output = completed([{"path": "/storage/made/by/the/server.png", "meta": META}])
    talk.say(stream, *lifecycle()[:2], output)
    talk.call("size", [{"path": "/storage/made/by/the/server.png", "meta": META}])


@accepts("CLIENT-025")
def a_file_of_the_web(talk: Talk) -> None:
    file = {"path": "C:\\a.jpg", "url": "https://e.example/a.jpg", "meta": META}
    talk.meet().call("size", [file])


@rejects("CLIENT-026")
def a_file_without_its_mark(talk: Talk) -> None:
    talk.meet().upload()
    talk.call("size", [{"path": UPLOADED}])


@accepts("CLIENT-026")
def a_file_with_its_mark(talk: Talk) -> None:
    talk.meet().upload()
    talk.call("size", [[{"path": UPLOADED, "meta": META}]])

"""What is said of failures: short, in one line, and without secrets."""

import pytest

from orthanc_images.storage import failure

DETAILS = '\n\nDebug source:\nOs { code: 111, kind: ConnectionRefused, message: "Connection refused" }'


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("plain\n words", "plain words"),
        ("", "ValueError"),
        (
            "Generic S3 error: Error performing PUT http://h/b/k?sig=abc in 2.5ms, after 3 retries,"
            f" max_retries: 3, retry_timeout: 9s  - HTTP error: error sending request{DETAILS}",
            "HTTP error: error sending request (Connection refused), for PUT http://h/b/k, tried 4 times",
        ),
        (
            "Error performing GET http://h/b in 1s"
            " - Server returned non-2xx status code: 501 Not Implemented: ",
            "status code: 501 Not Implemented, for GET http://h/b",
        ),
        (
            "Error performing GET http://h/b in 1s - Server returned non-2xx status code: 403 Forbidden: "
            "<Error><Code>Bad</Code>\n<Message>No way.\nRequestId:1\nTime:2</Message></Error>",
            "Bad: No way, for GET http://h/b",
        ),
        ("see https://h/b?sv=1&sig=abc%3D&x=1", "see https://h/b?sv=1&sig=…&x=1"),
        ("the key a very secret key is short", "the key … is short"),
        ("x" * 301, "x" * 299 + "…"),
    ],
)
def test_one_line(message: str, line: str) -> None:
    """Short secrets are left, as they would blot out ordinary words."""
    assert failure.line(ValueError(message), ("a very secret key", "is")) == line


def test_code_and_status_are_found() -> None:
    error = ValueError("status code: 403 Forbidden: <Code>AccessDenied</Code>")
    assert (failure.code(error), failure.status(error)) == ("AccessDenied", 403)
    assert (failure.code(ValueError()), failure.status(ValueError())) == ("", 0)

"""A real browser in a container: it opens pages as a person does, and reports what it shows and requests."""

from __future__ import annotations

import io
import json
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Remote
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webelement import WebElement

Picture = np.ndarray[Any, np.dtype[np.uint8]]
"""Grey values, rows by columns."""

OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--window-size=1280,800",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)
"""WebGL is computed in software here: there need not be a graphics card."""

PATIENCE = 90.0
"""Seconds that a page may take, on a machine that has other things to do."""


class PageRequest(NamedTuple):
    """What the browser asked for: an address, the status of the answer, and why it failed; empty for not."""

    url: str
    status: int
    failure: str


class Browser:
    """One window of Chromium, for one origin."""

    def __init__(self, driver: Remote, origin: str) -> None:
        self.driver = driver
        self.origin = origin

    def open(self, path: str) -> None:
        """Open a page of the origin, and return once it and its resources are loaded."""
        self.driver.get(self.origin + path)

    def address(self) -> str:
        """Return the path, with query and fragment, at which the page says it is."""
        return str(self.driver.current_url).removeprefix(self.origin)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript in the page, and return its result."""
        return self.driver.execute_script(script, *arguments)

    def click(self, selector: str) -> None:
        """Click on what a CSS selector names, once it is there and can be clicked on."""
        self.until(lambda: self._clicked(By.CSS_SELECTOR, selector), f"click on {selector}")

    def click_text(self, text: str) -> None:
        """Click on what bears this text, once it is there and can be clicked on."""
        place = f"//*[normalize-space(text())={json.dumps(text)}]"
        self.until(lambda: self._clicked(By.XPATH, place), f"click on {text}")

    def shown(self, place: str) -> WebElement:
        """Return what a CSS selector or an XPath (it begins with //) names, once it is there and shown."""
        by = By.XPATH if place.startswith("//") else By.CSS_SELECTOR
        found: list[WebElement] = self.until(lambda: self._displayed(by, place), f"show {place}")
        return found[0]

    def _displayed(self, by: str, place: str) -> list[WebElement]:
        try:
            return [one for one in self.driver.find_elements(by, place) if one.is_displayed()]
        except StaleElementReferenceException:
            return []  # the page was just putting others in their place

    def _clicked(self, by: str, place: str) -> bool:
        found = self._displayed(by, place)
        if found:
            self.run("arguments[0].click()", found[0])
        return bool(found)

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until the condition is true, and return its value; after PATIENCE, an error names `what`."""
        end, pause = time.monotonic() + PATIENCE, 0.05
        while not (found := condition()):
            assert time.monotonic() < end, f"the page never came to this: {what}\n{self.said()}"
            time.sleep(pause)
            pause = min(2 * pause, 0.5)  # most things come at once; a picture is asked for seldom
        return found

    def throttle(self, megabits: float) -> None:
        """Limit the connection to this many megabits per second, with a latency of 10 ms."""
        rate = int(megabits * 1_000_000 / 8)
        line = {"offline": False, "latency": 10, "download_throughput": rate, "upload_throughput": rate}
        self.driver.execute("setLine", {"network_conditions": line})

    def look(self, size: tuple[int, int], *, dark: bool) -> None:
        """Be a screen of this width and height, of a user who likes it dark, or light."""
        width, height = size
        phone = width < 500
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.order("Emulation.setDeviceMetricsOverride", metrics)
        self.order("Emulation.setEmulatedMedia", {"features": [scheme]})

    def order(self, command: str, parameters: dict[str, Any]) -> None:
        """Have the browser do something by the DevTools protocol."""
        self.driver.execute("order", {"cmd": command, "params": parameters})

    def screenshot(self) -> bytes:
        """Return the window as a PNG file."""
        return bytes(self.driver.get_screenshot_as_png())

    def canvases(self) -> list[Picture]:
        """Return the picture on each canvas of a fair size, in the order of the page."""
        found = self.driver.find_elements(By.TAG_NAME, "canvas")
        try:
            shown = [one for one in found if one.size["width"] > 200 and one.size["height"] > 200]
            return [picture(one.screenshot_as_png) for one in shown]
        except StaleElementReferenceException:
            return []  # the page was just putting others in their place

    def said(self) -> str:
        """Return the console of the page, a line each, since the last call."""
        return "\n".join(f"{one['level']} {one['message'][:300]}" for one in self._log("browser"))

    def requests(self) -> list[PageRequest]:
        """Return all requests over the network since the last call."""
        found: dict[str, PageRequest] = {}
        for entry in self._log("performance"):
            event = json.loads(entry["message"])["message"]
            kind, parameters = event["method"], event["params"]
            name = parameters.get("requestId", "")
            if kind == "Network.requestWillBeSent":
                found[name] = PageRequest(parameters["request"]["url"], 0, "")
            elif kind == "Network.responseReceived" and name in found:
                found[name] = found[name]._replace(status=parameters["response"]["status"])
            elif kind == "Network.loadingFailed" and name in found:
                found[name] = found[name]._replace(failure=parameters["errorText"])
        return [one for one in found.values() if one.url.startswith("http")]

    def _log(self, kind: str) -> Any:
        return self.driver.execute("getLog", {"type": kind})["value"]


@contextmanager
def browser(service: str, origin: str) -> Iterator[Browser]:
    """Yield a window for `origin`, of the WebDriver at the address `service`.

    The origin counts as trustworthy, as one with HTTPS does: what browsers allow there only is allowed.
    """
    options = Options()
    for option in (*OPTIONS, f"--unsafely-treat-insecure-origin-as-secure={origin}"):
        options.add_argument(option)
    options.accept_insecure_certs = origin.startswith("https:")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = Remote(service, options=options)
    connection = driver.command_executor
    assert isinstance(connection, RemoteConnection)
    orders = {"getLog": "se/log", "setLine": "chromium/network_conditions", "order": "goog/cdp/execute"}
    for name, path in orders.items():  # of chromedriver
        connection.add_command(name, "POST", f"/session/$sessionId/{path}")  # type: ignore[no-untyped-call]
    try:
        yield Browser(driver, origin)
    finally:
        driver.quit()


def wrong(asked: list[PageRequest], origin: str) -> list[PageRequest]:
    """Return the requests that failed, and those that went elsewhere.

    For a document that names no icon, such as the JSON of /system, the browser asks for the host's own at any
    time. No page is to blame for that.
    """
    icon = urllib.parse.urljoin(origin, "/favicon.ico")
    pages = [one for one in asked if one.url != icon]
    return [one for one in pages if one.failure or one.status >= 400 or not one.url.startswith(f"{origin}/")]


def picture(png: bytes) -> Picture:
    """Return the grey values of a PNG file."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"))


def likeness(shown: Picture, image: np.ndarray[Any, Any]) -> float:
    """Return how well a view shows a square image: the correlation of its middle with it, from -1 to 1.

    A viewer scales an image to the smaller side of a view, and puts it into the middle.
    """
    side = min(shown.shape)
    top, left = ((length - side) // 2 for length in shown.shape)
    middle = Image.fromarray(shown[top : top + side, left : left + side]).resize(image.shape[::-1])
    values = np.asarray(middle, dtype=float)
    if not values.std():
        return -1.0
    return float(np.corrcoef(values.ravel(), image.astype(float).ravel())[0, 1])

"""A person draws digits on the page of `make page`, in Chromium: they are read, and a correction is learned."""

import importlib.util
import os
import re
import shutil
from urllib.parse import quote

import pytest

pytest.importorskip("sklearn")


def missing():
    """What is not installed of what these tests need."""
    programs = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return programs + [name for name in ("selenium", "ziglang") if importlib.util.find_spec(name) is None]


pytestmark = pytest.mark.skipif(
    bool(missing()) and os.environ.get("STEPWELL_BROWSER") != "required",
    reason=f"needs {', '.join(missing())}; `make page-test` installs it",
)

STROKES = {
    1: [[(0.55, 0.15), (0.48, 0.85)]],
    7: [[(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)]],
    2: [[(0.3, 0.3), (0.45, 0.15), (0.65, 0.2), (0.68, 0.38), (0.3, 0.82), (0.72, 0.82)]],
    3: [[(0.3, 0.2), (0.55, 0.15), (0.68, 0.3), (0.45, 0.47), (0.7, 0.65), (0.55, 0.83), (0.3, 0.78)]],
    4: [[(0.5, 0.15), (0.27, 0.6), (0.73, 0.6)], [(0.6, 0.4), (0.57, 0.87)]],
    0: [[(0.5, 0.15), (0.3, 0.3), (0.27, 0.6), (0.4, 0.82), (0.58, 0.82), (0.72, 0.6), (0.7, 0.3), (0.5, 0.15)]],
}
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    from stepwell.tools.page.__main__ import write_page

    page = write_page(tmp_path_factory.mktemp("page"))
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for option in (*OPTIONS, "--window-size=1000,800"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with Chrome(options, ChromeService(shutil.which("chromedriver"))) as driver:
        driver.get(f"file://{quote(str(page))}")
        driver.implicitly_wait(10)
        driver.find_element("css selector", "#scores li:nth-child(10)")
        yield driver


def draw(driver, strokes):
    from selenium.webdriver import ActionChains

    driver.find_element("id", "clear").click()
    canvas = driver.find_element("id", "drawing")
    width = canvas.size["width"]
    for first, *rest in strokes:
        actions = ActionChains(driver, duration=5)
        x, y = ((place - 0.5) * width for place in first)
        actions.move_to_element_with_offset(canvas, x, y).click_and_hold()
        for point in rest:
            x, y = ((place - 0.5) * width for place in point)
            actions.move_to_element_with_offset(canvas, x, y)
        actions.release().perform()


def best(driver):
    return int(driver.find_element("css selector", "#scores .best b").text)


def test_onnxruntime_reads_the_same(driver):
    from selenium.webdriver.support.wait import WebDriverWait

    button = driver.find_element("id", "compare")
    if not button.is_displayed():
        pytest.skip("npm, or the package onnxruntime-web, is not there")
    button.click()
    draw(driver, STROKES[7])
    told = WebDriverWait(driver, 60).until(lambda _: re.search(r"reads (\d) in .*at most (\S+) from", other(driver)))
    if folder := os.environ.get("STEPWELL_SCREENSHOTS"):
        driver.save_screenshot(os.path.join(folder, "compared.png"))
    assert int(told[1]) == best(driver) == 7 and float(told[2]) < 1e-5


def other(driver):
    """What the page says of onnxruntime-web."""
    return driver.find_element("id", "other").text


@pytest.mark.parametrize("digit", STROKES)
def test_a_digit_that_is_drawn_is_read(driver, digit):
    draw(driver, STROKES[digit])
    if folder := os.environ.get("STEPWELL_SCREENSHOTS"):
        driver.save_screenshot(os.path.join(folder, f"{digit}.png"))
    assert best(driver) == digit


def test_what_it_is_told_it_learns(driver):
    draw(driver, STROKES[7])

    def share():
        return float(driver.find_elements("css selector", "#scores em")[4].text.split()[0])

    before = share()
    for _ in range(3):
        driver.find_elements("css selector", ".teach button")[4].click()
    assert share() > before
    assert "4" in driver.find_element("id", "told").text
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []
    if folder := os.environ.get("STEPWELL_SCREENSHOTS"):
        driver.save_screenshot(os.path.join(folder, "page.png"))

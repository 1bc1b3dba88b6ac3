"""A person looks at explore pages: clicks, keys, the slider, search, both themes, wide and narrow, in Chromium.

`make browser-test` installs what this needs and fails without it; elsewhere a missing browser skips it.
"""

import importlib.util
import os
import shutil
import time
from urllib.parse import quote

import numpy as np
import pytest
from support.explore import HOSTILE, chain, hostile_function

import stepwell as sw
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.runtime.explorer import explore_module


def missing():
    """What is not installed of what these tests need."""
    programs = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return programs + [name for name in ("selenium",) if importlib.util.find_spec(name) is None]


pytestmark = pytest.mark.skipif(
    bool(missing()) and os.environ.get("STEPWELL_BROWSER") != "required",
    reason=f"needs {', '.join(missing())}; `make browser-test` installs it",
)

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Browser:
    """A window with a page, and what a person does with it."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, path, fragment=""):
        self.driver.get("about:blank")
        self.driver.get(f"file://{quote(str(path))}{fragment}")
        self.until(lambda: self.run("return Boolean(window.explorer)"), "the page starts")
        return self

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def until(self, holds, what):
        end = time.monotonic() + 15
        while not holds():
            assert time.monotonic() < end, f"waited in vain: {what}"
            time.sleep(0.03)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)", selector)

    def click(self, selector):
        self.driver.find_element("css selector", selector).click()

    def click_row(self, column, text):
        """Click on the first row of a column that has this text."""
        rows = self.all(f"{column} .row")
        next(row for row in rows if text in row.get_attribute("textContent")).click()

    def press(self, keys):
        """Press keys, wherever the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(keys).perform()

    def size(self, width, height, theme="light"):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    @property
    def fragment(self):
        return self.run("return location.hash")

    @property
    def current(self):
        """The pass that the timeline shows as current."""
        return self.texts(".cell[aria-current] .pass")[0]

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    if missing():
        pytest.fail(f"this needs {', '.join(missing())}")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def browser(driver):
    browser = Browser(driver)
    browser.size(1600, 1000)
    yield browser
    assert browser.complaints() == []


@sw.function
def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return sw.debugging.explore(collatz, sw.constant(27), path=tmp_path_factory.mktemp("page") / "collatz.html")


@pytest.fixture(scope="module")
def big_page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("big")
    (folder / "big.mlir").write_text(chain(5000))
    module = parse_module(chain(5000), str(folder / "big.mlir"))
    passes = parse(",".join(["canonicalize", "cse", "dce", "infer-shapes", "fold-constants"] * 5))
    return explore_module(module, passes, path=folder / "big.html", inputs=[np.ones(4, np.float32)])


def test_the_program_and_its_levels_are_there(browser, page):
    browser.open(page)
    assert browser.driver.title == "collatz · stepwell explore"
    assert browser.texts("h1") == ["collatz"]
    assert [text for text in browser.texts(".source code") if "while n != 1:" in text]
    assert browser.texts(".strip .level h2") == ["hl", "linalg", "buffers"]
    assert browser.texts(".group .name") == ["hl", "linalg", "buffers", "loops", "cfg", "llvm"]


def test_a_line_of_python_lights_up_its_ops_at_every_level(browser, page):
    browser.open(page)
    browser.click_row(".source", "steps += 1")
    for column in browser.run("return [...document.querySelectorAll('.slot .column')]"):
        related = [row.get_attribute("textContent") for row in column.find_elements("css selector", ".row.related")]
        assert any("add" in text for text in related), related
        assert not any("mul" in text for text in related)
    assert "line=" in browser.fragment
    assert any("hl.add" in text for text in browser.texts(".inspector .ops code"))


def test_an_op_lights_up_its_line_and_its_like(browser, page):
    browser.open(page)
    browser.click_row(".slot:nth-child(2) .column", "arith.muli")
    assert "n // 2 if n % 2 == 0 else 3 * n + 1" in browser.texts(".source .row.related code")[0]
    assert any("hl.mul" in text for text in browser.texts(".slot:nth-child(1) .row.related"))
    assert [text for text in browser.texts(".slot:nth-child(3) .row.twin") if "arith.muli" in text]
    assert browser.texts(".inspector h2 code") == ["arith.muli"]
    assert "81, 123, 93" in browser.texts(".inspector .card .facts dd")[1]
    assert "made by convert-hl-to-linalg" in browser.texts(".inspector .life")[0]


def test_values_are_shown_and_hidden(browser, page):
    browser.open(page)
    assert "1, 2, 3, … 111 (111×)" in browser.texts(".source .ghost .value")
    browser.press("v")
    assert not any(element.is_displayed() for element in browser.all(".source .ghost"))
    assert browser.all("#values")[0].get_attribute("aria-pressed") == "false"


def test_nan_is_pointed_at(browser, tmp_path):
    function = sw.function(lambda x: sw.math.log(x) * 2.0)
    browser.open(sw.debugging.explore(function, sw.constant([1.0, -1.0, 4.0]), path=tmp_path / "x.html", level="hl"))
    assert "1 NaN" in browser.texts(".source .warned")
    rows = browser.texts(".slot .row.nan code")
    assert len(rows) == 2 and "hl.log" in rows[0] and "hl.mul" in rows[1]


def test_passes_by_keys_clicks_and_slider(browser, page):
    from selenium.webdriver.common.keys import Keys

    browser.open(page)
    assert browser.current == "as traced"
    browser.press(Keys.ARROW_RIGHT)
    assert browser.current == "inline" and "pass=1" in browser.fragment
    browser.press(Keys.ARROW_LEFT + Keys.ARROW_LEFT)
    assert browser.current == "as traced"
    browser.press(Keys.END)
    assert browser.current == "convert-cfg-to-llvm"
    browser.press("[")
    assert browser.current == "convert-scf-to-cf"
    browser.click(".cell[title^=bufferize]")
    assert browser.current == "bufferize"
    browser.all(".track input")[0].send_keys(Keys.ARROW_RIGHT)
    assert browser.current == "lower-contractions"
    assert "lower-contractions" in browser.texts("#said")[0]


def test_a_diff_tells_old_from_new(browser, page):
    browser.open(page)
    browser.press("3")
    browser.click(".cell[title^=convert-hl-to-linalg]")
    marks = {row.get_attribute("data-mark") for row in browser.all(".slot .row")}
    assert {"+", "-"} <= marks
    gone = browser.texts('.slot .row[data-mark="-"]')
    assert any("hl.not_equal" in text for text in gone) and not any("arith.cmpi" in text for text in gone)
    colors = [browser.all(f'.row[data-mark="{mark}"]')[0].value_of_css_property("background-color") for mark in "+-"]
    assert len({*colors, "rgba(0, 0, 0, 0)"}) == 3
    browser.click(".cell[title^=dce]")
    assert "unchanged lines" in browser.texts(".row.fold")[0]
    browser.click(".row.fold")
    assert browser.all(".row.fold") == [] and any("scf.while" in text for text in browser.texts(".slot .row"))


def test_lines_by_keys(browser, page):
    browser.open(page)
    browser.click_row(".slot:nth-child(1) .column", "func.func")
    browser.press("jj")
    second = browser.texts(".row.cursor .number")
    browser.press("k")
    assert int(browser.texts(".row.cursor .number")[0]) == int(second[0]) - 1
    browser.press("G")
    assert browser.texts(".row.cursor code") == ["}"]
    from selenium.webdriver.common.keys import Keys

    browser.press(Keys.ESCAPE)
    assert browser.all(".row.cursor") == [] and browser.all(".row.related") == []


def test_a_search_leaves_the_lines_that_have_it(browser, page):
    from selenium.webdriver.common.keys import Keys

    browser.open(page)
    browser.press("/")
    browser.press("MULI")
    browser.until(lambda: browser.texts(".slot mark"), "hits")
    rows = browser.texts(".slot .row code")
    assert rows and all("muli" in text for text in rows)
    assert browser.texts("#hits") == ["0"], "not at the current pass, whose ops are hl"
    assert "q=muli" in browser.fragment
    browser.press(Keys.ESCAPE)
    browser.until(lambda: not browser.texts(".slot mark"), "no hits")
    assert any("scf.while" in text for text in browser.texts(".slot .row code"))


def test_links_lead_to_a_pass_a_view_and_a_line(browser, page):
    browser.open(page)
    browser.click_row(".source", "steps += 1")
    browser.press("2")
    browser.click(".cell[title^=detensorize]")
    link = browser.fragment
    browser.open(page, link)
    assert browser.current == "detensorize" and browser.fragment == link
    assert browser.texts(".choice [aria-checked=true]") == ["Passes"]
    assert "steps += 1" in browser.texts(".source .row.related")[0]
    browser.run("location.hash = '#pass=2&view=diff'")
    browser.until(lambda: browser.current == "infer-shapes", "the page follows its address")
    browser.open(page, "#pass=99999&view=%3Cb%3E&line=77777&op=123456&file=9")
    assert browser.current == "convert-cfg-to-llvm" and browser.texts(".choice [aria-checked=true]") == ["Levels"]


def test_light_and_dark(browser, page):
    def ground():
        return browser.run("return getComputedStyle(document.body).backgroundColor")

    browser.size(1600, 1000, "dark")
    browser.open(page)
    browser.run("localStorage.clear()")
    browser.open(page)
    dark = ground()
    browser.press("t")
    light = ground()
    assert dark != light
    browser.open(page)
    assert ground() == light, "the choice is remembered"
    browser.run("localStorage.clear()")


def test_help_opens_and_closes(browser, page):
    from selenium.webdriver.common.keys import Keys

    browser.open(page)
    browser.press("?")
    assert "pass before, pass after" in browser.texts("dialog[open] dd")
    browser.press(Keys.ESCAPE)
    assert browser.all("dialog[open]") == []


def test_names_for_those_who_do_not_see(browser, page):
    browser.open(page)
    browser.click_row(".source", "steps += 1")
    (source,) = browser.all(".source [role=listbox]")
    active = source.get_attribute("aria-activedescendant")
    (row,) = browser.all(f"#{active}")
    assert row.get_attribute("role") == "option" and row.get_attribute("aria-selected") == "true"
    unnamed = browser.run(
        "return [...document.querySelectorAll('button, input, [role=listbox], [role=separator]')].filter((one) =>"
        " !(one.textContent.trim() || one.getAttribute('aria-label') || (one.labels && one.labels.length)))"
        ".map((one) => one.outerHTML)"
    )
    assert unnamed == []


def test_hostile_names_are_shown_and_do_nothing(browser, tmp_path):
    function, argument = hostile_function(tmp_path)
    browser.open(sw.debugging.explore(function, argument, path=tmp_path / "page.html"))
    assert browser.texts("h1") == [HOSTILE] and browser.driver.title.startswith(HOSTILE)
    assert any(HOSTILE in text for text in browser.texts(".source code"))
    browser.click_row(".source", "y = x[")
    browser.press("3")
    browser.press("2")
    assert HOSTILE in browser.texts(".inspector pre.text")[-1], "what it printed"
    assert browser.run("return window.broken") is None
    assert browser.all("img") == []


def test_five_thousand_ops_do_not_lag(browser, big_page):
    browser.open(big_page, "#view=passes")
    assert len(browser.all(".row")) < 400
    spent = browser.run(
        """
        const timed = (action) => { const start = performance.now(); action(); return performance.now() - start; };
        const list = explorer.strip.columns[0].list;
        const scroll = () => { list.element.scrollTop = Math.random() * 90000; list.render(); };
        const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
        return {
          scroll: median(Array.from({ length: 31 }, () => timed(scroll))),
          pass: median([5, 6, 7, 8, 9].map((pass) => timed(() => explorer.go(pass)))),
          select: median([100, 900, 2500, 4000, 4900].map((line) => timed(() => explorer.showLine(line + 1)))),
          search: median(["maximum", "%v12", "add"].map((query) => timed(() => explorer.find(query)))),
          diff: timed(() => { explorer.find(""); explorer.setView("diff"); }),
        };
        """
    )
    assert spent["scroll"] < 150, spent
    assert all(spent[action] < 1000 for action in ("pass", "select", "search", "diff")), spent
    assert len(browser.all("*")) < 12_000
    browser.run("explorer.setView('passes'); explorer.strip.columns[0].list.element.scrollTop = 60000")
    browser.until(lambda: any("%v2990 " in text for text in browser.texts(".slot .row")), "rows far down")


def test_one_pane_at_a_time_where_it_is_narrow(browser, page):
    browser.size(420, 900)
    browser.open(page)

    def shown():
        return [name for name in ("source", "strip", "inspector") if browser.all(f"#{name}")[0].is_displayed()]

    assert shown() == ["strip"]
    assert browser.run("return document.documentElement.scrollWidth") <= 420
    browser.click("#tabs [data-tab=source]")
    assert shown() == ["source"]
    browser.click_row(".source", "steps += 1")
    browser.click("#tabs [data-tab=inspector]")
    assert shown() == ["inspector"] and "pass by pass" in browser.texts(".inspector h3")[0]
    browser.click("#tabs [data-tab=strip]")
    assert shown() == ["strip"] and browser.all(".slot .row.related")


@pytest.fixture(scope="module")
def wide_page(tmp_path_factory):
    weights = [sw.Variable(sw.ones([4, 4]), name=f"weights_of_layer_{number}") for number in range(60)]

    @sw.function
    def network(images, labels):
        h = images
        for w in weights:
            h = sw.nn.relu(sw.matmul(h, w))
        return sw.reduce_mean((h - labels) ** 2.0)

    spec = sw.TensorSpec([8, 4])
    path = tmp_path_factory.mktemp("wide") / "network.html"
    return sw.debugging.explore(network, spec, spec, path=path, level="linalg")


@pytest.mark.parametrize(("width", "height"), [(1600, 1000), (900, 700), (420, 900)])
def test_sixty_variables_fit_the_window(browser, wide_page, width, height):
    browser.size(width, height)
    browser.open(wide_page)
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run("return document.documentElement.scrollHeight") <= height
    for part in ("#strip", "#timeline", ".top"):
        assert browser.run("return document.querySelector(arguments[0]).getBoundingClientRect().width", part) <= width
    assert browser.texts("#signature") == ["(images: f32[8, 4], labels: f32[8, 4]) → f32[] · 60 Variables"]
    shown = browser.all(".legend span")
    assert [one.text for one in shown] == ["ops after the pass", "time in the pass", "a pass that changed nothing"]
    assert all(one.rect["x"] >= 0 and one.rect["x"] + one.rect["width"] <= width for one in shown)

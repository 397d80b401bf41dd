"""The page at /docs in a real browser: no error, a request tried, a bad value shown as what it is, keys alone."""
import os
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from daemon import daemon

PICTURES = os.environ.get("PICTURES")


@pytest.fixture(scope="module")
def hello():
    with daemon(delay="0.2") as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--window-size=1200,1100"]:
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium")
    assert options.binary_location, "chromium is not installed"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(
        options=options, service=webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    )
    yield driver
    driver.quit()


class Page:
    """The page, freshly loaded, as a window of some size and colour scheme shows it."""

    def __init__(self, driver, hello):
        self.driver = driver
        driver.get_log("browser")
        self.look("light", 1200, 1100)
        driver.get(hello.url + "/docs")
        self.wait(lambda d: d.find_elements(By.CSS_SELECTOR, "body[data-ready]"))
        self.card = driver.find_element(By.ID, "greet")
        self.name, self.delay = self.card.find_element(By.NAME, "name"), self.card.find_element(By.NAME, "delay")

    def look(self, scheme, width, height, is_phone=False):
        # Without motion, lest something be clicked where it was a moment ago.
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 2 if is_phone else 1, "mobile": is_phone})

    def wait(self, condition):
        return WebDriverWait(self.driver, 20).until(condition)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def picture(self, name):
        if PICTURES:
            self.driver.save_screenshot(os.path.join(PICTURES, name + ".png"))

    def choose(self, operation):
        """Goes on with another operation, whose card is opened."""
        self.card = self.driver.find_element(By.ID, operation)
        self.run("arguments[0].open = true", self.card)

    def send(self):
        button = self.card.find_element(By.CSS_SELECTOR, ".try button")
        self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", button)
        button.click()

    def wait_for_status(self, text):
        self.wait(lambda d: self.card.find_element(By.CSS_SELECTOR, ".status").text.startswith(text))

    def expect_no_error(self):
        """Nothing was complained of. A 422 was asked for; the browser notes such answers by itself."""
        entries = [e for e in self.driver.get_log("browser") if "422 (Unprocessable" not in e["message"]]
        assert not entries


@pytest.fixture
def page(browser, hello):
    page = Page(browser, hello)
    yield page
    page.expect_no_error()


def test_shows_every_endpoint_and_definition(page):
    paths = [element.text for element in page.driver.find_elements(By.CSS_SELECTOR, "#operations .path")]
    assert paths == ["/", "/hello/{name}", "/hello", "/aggregate", "/healthz", "/readyz", "/openapi.json", "/docs"]
    assert len(page.driver.find_elements(By.CSS_SELECTOR, "#definitions details")) >= 6


def test_a_request_is_tried_and_its_answer_shown(page):
    page.name.clear()
    page.name.send_keys("Jürgen <b>\"&\"</b>/%")
    page.send()
    body = page.wait(lambda d: page.card.find_elements(By.CSS_SELECTOR, ".result .body"))[0]
    assert body.text == '{\n  "Hello": "Jürgen <b>\\"&\\"</b>/%"\n}'
    assert page.card.find_element(By.CSS_SELECTOR, ".status").text == "200 OK"
    fields = page.card.find_element(By.CSS_SELECTOR, ".result details pre").get_attribute("textContent")
    assert "x-request-id" in fields
    page.picture("light")


def test_a_bad_value_is_shown_as_what_it_is_and_mended_by_keyboard_alone(page):
    page.delay.clear()
    page.delay.send_keys("soon", Keys.ENTER)
    page.wait_for_status("422")
    assert "valid number" in page.card.find_element(By.CSS_SELECTOR, ".wrong").text
    assert '"float_parsing"' in page.card.find_element(By.CSS_SELECTOR, ".result .body").text
    assert page.delay.get_attribute("aria-invalid") == "true" and page.name.get_attribute("aria-invalid") is None
    page.delay.clear()
    page.delay.send_keys("0", Keys.ENTER)
    page.wait_for_status("200 OK")
    assert page.delay.get_attribute("aria-invalid") is None


def test_a_body_is_tried_and_what_is_wrong_with_it_is_shown(page):
    page.choose("greetByBody")
    body = page.card.find_element(By.NAME, "body")
    # A body that works is there already.
    page.send()
    page.wait_for_status("200 OK")
    assert page.card.find_element(By.CSS_SELECTOR, ".result .body").text == '{\n  "Hello": "World"\n}'
    assert "-H 'Content-Type: application/json' -d" in page.card.find_element(By.CSS_SELECTOR, ".result").text
    body.clear()
    body.send_keys('{"name": 5}')
    page.send()
    page.wait_for_status("422")
    assert "body name: Input should be a valid string" in page.card.find_element(By.CSS_SELECTOR, ".wrong").text
    assert body.get_attribute("aria-invalid") == "true"


def test_is_dark_for_those_who_want_it(page):
    background = "return getComputedStyle(document.body).backgroundColor"
    light = page.run(background)
    page.look("dark", 1200, 1100)
    assert page.run(background) != light
    page.picture("dark")


def test_the_tab_key_reaches_what_can_be_used_in_order_and_enter_unfolds_an_endpoint(page):
    page.driver.find_element(By.TAG_NAME, "body").click()
    page.run("window.scrollTo(0, 0); document.querySelector('.skip').focus()")
    reached = []
    while len(reached) < 30 and reached[-1:] != ["SUMMARY aggregate"]:
        webdriver.ActionChains(page.driver).send_keys(Keys.TAB).perform()
        reached.append(page.run(
            "const e = document.activeElement; return e.tagName + ' ' + (e.closest('details')?.id ?? '')"
        ))
    assert {"SUMMARY greetWorld", "INPUT greet", "BUTTON greet"} <= set(reached)
    assert reached[-1] == "SUMMARY aggregate"
    webdriver.ActionChains(page.driver).send_keys(Keys.ENTER).perform()
    page.wait(lambda d: d.find_element(By.ID, "aggregate").get_attribute("open"))


def test_on_a_phone_nothing_sticks_out_sideways(page):
    page.look("light", 390, 844, is_phone=True)
    wide = "return document.documentElement.scrollWidth - innerWidth"
    assert page.run(wide) <= 0
    page.picture("phone")
    page.send()
    page.wait(lambda d: d.find_elements(By.CSS_SELECTOR, "#greet .result .body"))
    assert page.run(wide) <= 0
    page.picture("phone-tried")


def test_loads_nothing_but_itself_and_the_document(page):
    page.send()
    page.wait_for_status("200 OK")
    loaded = page.run("return performance.getEntriesByType('resource').map(e => new URL(e.name).pathname)")
    assert set(loaded) == {"/openapi.json", "/hello/World"}


def test_what_is_not_in_the_policy_does_not_run(page):
    page.run("""const script = document.createElement('script'); script.textContent = 'window.ran = true';
        document.body.append(script)""")
    assert page.run("return window.ran") is None
    # The browser says so, and nothing else.
    said = [entry["message"] for entry in page.driver.get_log("browser")]
    assert said and all("Content Security Policy" in message for message in said)

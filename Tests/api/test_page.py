"""The page at /docs in a real browser: no error, a request tried, a bad value shown as what it is, keys alone."""
import os
import shutil
import sys

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from daemon import daemon

PICTURES = os.environ.get("PICTURES")


def browser():
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--window-size=1200,1100"]:
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium") or sys.exit("chromium is not installed")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    return webdriver.Chrome(options=options, service=service)


def picture(driver, name):
    if PICTURES:
        driver.save_screenshot(os.path.join(PICTURES, name + ".png"))


def look(scheme, width, height, is_phone=False):
    # Without motion, lest something be clicked where it was a moment ago.
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]})
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 2 if is_phone else 1, "mobile": is_phone})


def wait(condition):
    return WebDriverWait(driver, 20).until(condition)


def background():
    return driver.execute_script("return getComputedStyle(document.body).backgroundColor")


with daemon(delay="0.2") as hello:
    driver = browser()
    try:
        driver.get(hello.url + "/docs")
        wait(lambda d: d.find_elements(By.CSS_SELECTOR, "body[data-ready]"))
        paths = [element.text for element in driver.find_elements(By.CSS_SELECTOR, "#operations .path")]
        assert paths == ["/", "/hello/{name}", "/aggregate", "/healthz", "/readyz", "/openapi.json", "/docs"], paths
        assert len(driver.find_elements(By.CSS_SELECTOR, "#definitions details")) >= 6
        look("light", 1200, 1100)
        light = background()

        # A request is tried, and its answer shown.
        card = driver.find_element(By.ID, "greet")
        name, delay = card.find_element(By.NAME, "name"), card.find_element(By.NAME, "delay")
        name.clear()
        name.send_keys("Jürgen <b>\"&\"</b>/%")
        card.find_element(By.CSS_SELECTOR, ".try button").click()
        body = wait(lambda d: card.find_elements(By.CSS_SELECTOR, ".result .body"))[0]
        assert body.text == '{\n  "Hello": "Jürgen <b>\\"&\\"</b>/%"\n}', body.text
        assert card.find_element(By.CSS_SELECTOR, ".status").text == "200 OK"
        assert "x-request-id" in card.find_element(By.CSS_SELECTOR, ".result details pre").get_attribute("textContent")
        picture(driver, "light")

        # A bad value shows the 422, and which field is wrong. By keyboard alone.
        delay.send_keys("soon", Keys.ENTER)
        wait(lambda d: card.find_element(By.CSS_SELECTOR, ".status").text.startswith("422"))
        assert "valid number" in card.find_element(By.CSS_SELECTOR, ".wrong").text
        assert '"float_parsing"' in card.find_element(By.CSS_SELECTOR, ".result .body").text
        assert delay.get_attribute("aria-invalid") == "true" and name.get_attribute("aria-invalid") is None
        look("dark", 1200, 1100)
        assert background() != light
        picture(driver, "dark")

        # Mended, it is answered again.
        delay.clear()
        delay.send_keys("0", Keys.ENTER)
        wait(lambda d: card.find_element(By.CSS_SELECTOR, ".status").text == "200 OK")
        assert delay.get_attribute("aria-invalid") is None

        # The tab key reaches what can be used, in order, and Enter unfolds an endpoint.
        driver.find_element(By.TAG_NAME, "body").click()
        driver.execute_script("window.scrollTo(0, 0); document.querySelector('.skip').focus()")
        reached = []
        for _ in range(30):
            webdriver.ActionChains(driver).send_keys(Keys.TAB).perform()
            reached.append(driver.execute_script("const e = document.activeElement; return e.tagName + ' ' + (e.closest('details')?.id ?? '')"))
            if reached[-1] == "SUMMARY aggregate":
                break
        assert "SUMMARY greetWorld" in reached and "INPUT greet" in reached and "BUTTON greet" in reached and reached[-1] == "SUMMARY aggregate", reached
        webdriver.ActionChains(driver).send_keys(Keys.ENTER).perform()
        wait(lambda d: d.find_element(By.ID, "aggregate").get_attribute("open"))

        # On a phone nothing sticks out sideways.
        driver.get(hello.url + "/docs")
        look("light", 390, 844, is_phone=True)
        wait(lambda d: d.find_elements(By.CSS_SELECTOR, "body[data-ready]"))
        wide = driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{wide} px too wide"
        picture(driver, "phone")
        button = driver.find_element(By.CSS_SELECTOR, "#greet .try button")
        driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", button)
        button.click()
        wait(lambda d: d.find_elements(By.CSS_SELECTOR, "#greet .result .body"))
        assert driver.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
        picture(driver, "phone-tried")

        # The 422 was asked for; the browser notes such answers by itself.
        entries = [e for e in driver.get_log("browser") if "422 (Unprocessable" not in e["message"]]
        assert not entries, entries
        # Nothing was loaded but the page and the document.
        loaded = driver.execute_script("return performance.getEntriesByType('resource').map(e => new URL(e.name).pathname)")
        assert set(loaded) <= {"/openapi.json", "/hello/World"}, loaded
        # What is not in the policy does not run.
        driver.execute_script("""const script = document.createElement('script'); script.textContent = 'window.ran = true';
            document.body.append(script)""")
        assert driver.execute_script("return window.ran") is None
    finally:
        driver.quit()
print("page: tried, refused and mended in Chromium")

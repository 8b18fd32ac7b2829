"""Headless Chromium that reads a report from disk, with no network, and what the tests ask of it."""

import json
import shutil
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "cli"))  # behind: both have a report_test

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
except ImportError:
    webdriver = None

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
         "--host-resolver-rules=MAP * ~NOTFOUND"]
NEEDED = {"python3-selenium": webdriver, "chromium": CHROMIUM, "chromium-driver": DRIVER}
MISSING = [name for name, there in NEEDED.items() if not there]


def needs_browser(test):
    return unittest.skipIf(MISSING, f"not installed: {', '.join(MISSING)}")(test)


class Browser:
    """One Chromium with a profile of its own; end it with close()."""

    def __init__(self, width=1440, height=900, scripts=True):
        self.profile = tempfile.mkdtemp(prefix="initsweep-chromium-")
        options = Options()
        options.binary_location = CHROMIUM
        for flag in [*FLAGS, f"--user-data-dir={self.profile}", f"--window-size={width},{height}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        options.add_experimental_option("prefs", {"download.default_directory": self.profile})
        self.driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        self.driver.set_script_timeout(60)
        self.resize(width, height)
        if not scripts:
            self.command("Emulation.setScriptExecutionDisabled", value=True)
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=self.profile)

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def resize(self, width, height):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=False)

    def media(self, **features):
        """media(prefers_color_scheme="dark")"""
        self.command("Emulation.setEmulatedMedia",
                     features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def open(self, path, address="", wait=True):
        self.driver.get(f"file://{path}{address}")
        if wait:
            self.wait("document.documentElement.dataset.charts === 'all'")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition, seconds=60):
        """Until the expression of JavaScript is true."""
        end = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            if time.monotonic() > end:
                raise AssertionError(f"waited for {seconds} s: {condition}")
            time.sleep(0.02)

    def settled(self):
        """Once every chart that filters or views made stale is drawn again."""
        self.wait("document.documentElement.dataset.charts === 'all'")

    def press(self, *keys):
        for key in keys:
            webdriver.ActionChains(self.driver).send_keys(key).perform()

    def point_at(self, element):
        self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        webdriver.ActionChains(self.driver).move_to_element(element).perform()

    def click(self):
        """Where the mouse is."""
        webdriver.ActionChains(self.driver).click().perform()

    def find(self, selector, root=None):
        return (root or self.driver).find_element("css selector", selector)

    def find_all(self, selector, root=None):
        return (root or self.driver).find_elements("css selector", selector)

    def downloaded(self, name, seconds=20):
        """The bytes of a file that the page has saved."""
        path = Path(self.profile) / name
        end = time.monotonic() + seconds
        while not (path.exists() and path.stat().st_size):
            if time.monotonic() > end:
                raise AssertionError(f"{name} was not downloaded")
            time.sleep(0.05)
        return path.read_bytes()

    def complaints(self):
        """What the console says, but for notes."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self):
        """Addresses that were asked for; data: and blob: need no network."""
        addresses = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                addresses.append(message["params"]["request"]["url"])
        return [address for address in addresses if not address.startswith(("data:", "blob:"))]

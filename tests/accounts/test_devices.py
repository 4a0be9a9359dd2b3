"""What a session says of its device."""

import pytest

from accounts.users.devices import Device, device_of

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 {} Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        (WINDOWS, "Chrome", "Windows"),
        (f"{WINDOWS} Edg/140.0.0.0", "Edge", "Windows"),
        (f"{WINDOWS} OPR/120.0.0.0", "Opera", "Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Windows"),
        ("Mozilla/5.0 (X11; CrOS x86_64 1) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome", "ChromeOS"),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0",
            "Samsung Internet",
            "Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari", "macOS"),
        (IPHONE.format("Version/18.0 Mobile/15E148"), "Safari", "iOS"),
        (IPHONE.format("CriOS/140.0"), "Chrome", "iOS"),
        (IPHONE.format("FxiOS/140.0"), "Firefox", "iOS"),
        ("curl/8.5.0", "", ""),
        ("", "", ""),
        ("x" * 100_000 + "Firefox/1", "", ""),
        ("<script>Firefox/</script>", "Firefox", ""),
    ],
)
def test_a_browser_is_told_by_its_family_and_system(user_agent: str, browser: str, system: str) -> None:
    assert device_of(user_agent) == Device(browser, system)

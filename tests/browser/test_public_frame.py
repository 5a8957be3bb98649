"""What surrounds every public page: views kept by the browser, keyboard alone, no script, print."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.public_pages import NAMES, NOTICES, faults
from tests.browser.server import Server

OpenContext = Callable[..., BrowserContext]
Address = Callable[[str], str]
ELDER, CONTRAST = "[data-toggle-view=elder]", "[data-toggle-view=contrast]"
SMALLEST_OF_ELDERS = 18  # CSS pixels
MOST_STOPS = 400
SPOKEN = """() => {
    window.spoken = [];
    speechSynthesis.cancel = () => {};
    speechSynthesis.speak = said => {
        window.spoken.push([said.lang, said.text]);
        setTimeout(() => said.onend?.(), 5);
    };
}"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('body *')].filter(each =>
    each.checkVisibility({ visibilityProperty: true }) && !each.closest('svg, .unseen, .skip')
    && [...each.childNodes].some(node => node.nodeType == 3 && node.data.trim())
).map(each => parseFloat(getComputedStyle(each).fontSize)))"""
# Everything that can be reached; of a row of radio buttons one is a stop.
STOPS = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"], video'
)].filter(each => each.checkVisibility({ visibilityProperty: true }) && !each.disabled
    && each.tabIndex >= 0 && (each.type != 'radio' || each.checked)).length"""
STOP = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    if (element === document.body) return null;
    window.stops ??= new Set();
    const box = element.getBoundingClientRect();
    // A player keeps the focus while it goes from button to button.
    const known = window.stops.has(element) && window.latest !== element;
    window.stops.add(element);
    window.latest = element;
    const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const within = element.tagName == 'VIDEO' && !element.matches(':focus-visible');
    const drawn = style.outlineStyle == 'none' ? 0 : parseFloat(style.outlineWidth);
    const outline = within ? Infinity : drawn;  // a player's buttons have the browser's own mark
    return { known, seen, outline, what: element.outerHTML.slice(0, 120) };
}"""
USELESS = ".with-script, .with-speech"


@pytest.mark.parametrize(("view", "width"), [("elder", 360), ("elder", 1440), ("contrast", 768)])
def test_every_page_is_sound_in_every_view(
    view: str, width: int, address: Address, new_context: OpenContext
) -> None:
    context = new_context(viewport={"width": width, "height": 900})
    # Not every document has a storage: the empty one before the first page, an error's.
    context.add_init_script(f"try {{ localStorage.setItem('view.{view}', '1') }} catch {{}}")
    page = context.new_page()
    for name in NAMES:
        page.goto(address(name))
        if name in NOTICES and page.locator("html[data-view]").count() == 0:
            continue  # the page of an unknown host belongs to no site
        expect(page.locator("html")).to_have_attribute("data-view", view)
        assert faults(page) == [], name
        if view == "elder":
            assert page.evaluate(SMALLEST) >= SMALLEST_OF_ELDERS, name
    assert context.cookies() == []


def test_a_view_is_chosen_kept_and_left_at_the_same_address(
    address: Address, citizen: Page
) -> None:
    asked: list[str] = []
    citizen.goto(address("article"))
    citizen.on("request", lambda request: asked.append(request.url))
    citizen.locator(ELDER).focus()
    citizen.keyboard.press("Enter")
    citizen.locator(CONTRAST).click()
    expect(citizen.locator("html")).to_have_attribute("data-view", "elder contrast")
    assert citizen.url == address("article")
    assert [url for url in asked if "/static/" not in url] == []  # a choice is told to nobody
    citizen.goto(address("township"))
    expect(citizen.locator("html")).to_have_attribute("data-view", "elder contrast")
    citizen.locator(ELDER).click()
    citizen.locator(CONTRAST).click()
    expect(citizen.locator("html")).to_have_attribute("data-view", "")
    citizen.reload()
    expect(citizen.locator("html")).to_have_attribute("data-view", "")
    assert citizen.context.cookies() == []


def test_type_grows_on_every_page_that_is_read(address: Address, citizen: Page) -> None:
    citizen.goto(address("article"))
    size = "() => parseFloat(getComputedStyle(document.querySelector('.prose')).fontSize)"
    sizes = []
    for choice in ("s", "m", "l"):
        citizen.locator(f"button[data-size={choice}]").click()
        expect(citizen.locator(f"button[data-size={choice}]")).to_have_attribute(
            "aria-pressed", "true"
        )
        sizes.append(citizen.evaluate(size))
    assert sizes == sorted(set(sizes))
    citizen.goto(address("topic"))
    expect(citizen.locator("html")).to_have_attribute("data-size", "l")
    expect(citizen.locator("button[data-size=l]")).to_have_attribute("aria-pressed", "true")


def test_a_page_wishes_for_contrast_as_its_reader_does(
    address: Address, new_context: OpenContext
) -> None:
    page = new_context(contrast="more").new_page()
    page.goto(address("portal"))
    expect(page.locator("html")).to_have_attribute("data-view", "contrast")
    page.locator(CONTRAST).click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-view", "")


def test_a_page_is_read_aloud_from_its_title_to_its_end(address: Address, citizen: Page) -> None:
    citizen.goto(address("article"))
    citizen.evaluate(SPOKEN)
    button = citizen.locator("[data-speak]")
    assert button.evaluate("each => { each.click(); return each.className }").endswith("is-on")
    citizen.wait_for_function("() => window.spoken.at(-1)[1].includes('安全第一')")
    expect(button).to_have_class("with-speech")
    said: list[list[str]] = citizen.evaluate("() => window.spoken")
    assert {language for language, _ in said} == {"zh-CN"}
    assert said[0][1].startswith("关于调整本镇集市开放时间")
    assert len(said) > 10
    assert sum("集市" in text and "开放" in text for _, text in said) == 2  # the title, a paragraph


def test_the_address_is_shared_by_a_code_and_the_clipboard(
    server: Server, address: Address, new_context: OpenContext
) -> None:
    context = new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address("article"))
    page.locator(".share summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".share__code svg")).to_be_visible()
    expect(page.locator(".share__address")).to_have_text(address("article"))
    assert faults(page) == []
    page.locator("[data-copy]").click()
    expect(page.locator(".share__copied")).not_to_be_empty()
    assert page.evaluate("() => navigator.clipboard.readText()") == address("article")
    page.keyboard.press("Escape")
    expect(page.locator(".share__sheet")).to_be_hidden()
    expect(page.locator(".share summary")).to_be_focused()


def test_every_page_is_walked_with_the_keyboard_alone(address: Address, citizen: Page) -> None:
    for name in NAMES:
        citizen.goto(address(name))
        stops: int = citizen.evaluate(STOPS)
        walked = 0
        for _stop in range(MOST_STOPS):
            citizen.keyboard.press("Tab")
            stop: Any = citizen.evaluate(STOP)
            if stop is None or stop["known"]:
                break
            walked += 1  # of a player each of its buttons
            assert stop["seen"], (name, stop)
            assert stop["outline"] >= 2, (name, stop)
        assert walked >= stops, name  # all were reached, and the last one let go


@pytest.mark.parametrize("target", ["main", "menu", "foot"])
def test_skip_links_lead_on(target: str, address: Address, citizen: Page) -> None:
    citizen.goto(address("article"))
    for _link in range(4):
        citizen.keyboard.press("Tab")
        if citizen.evaluate("() => document.activeElement.hash") == f"#{target}":
            break
    citizen.keyboard.press("Enter")
    expect(citizen.locator(f"#{target}")).to_be_focused()
    citizen.keyboard.press("Tab")
    inside = "id => document.getElementById(id).contains(document.activeElement)"
    assert citizen.evaluate(inside, target)


def test_without_script_every_page_is_whole(address: Address, new_context: OpenContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    for name in NAMES:
        page.goto(address(name))
        assert len(page.locator("main").inner_text().split()) > 3, name
        for useless in page.locator(USELESS).all():
            expect(useless).to_be_hidden()
        for form in page.locator("form").all():
            assert form.get_attribute("action") is not None or form.get_attribute("method")
    page.goto(address("article"))
    page.locator(".share summary").click()
    expect(page.locator(".share__code svg")).to_be_visible()


def test_paper_bears_the_words_and_the_address(address: Address, citizen: Page) -> None:
    citizen.goto(address("article"))
    citizen.locator(ELDER).click()
    citizen.emulate_media(media="print")
    for selector in (".tools", ".menu", ".family", ".foot__marks", ".crumbs"):
        expect(citizen.locator(selector).first).to_be_hidden()
    expect(citizen.locator(".on-paper")).to_have_text(address("article"))
    expect(citizen.locator(".prose")).to_be_visible()
    expect(citizen.get_by_text("大家好。")).to_be_visible()  # the transcript of a video

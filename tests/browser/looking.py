"""What a person sees at a glance: pictures to look at, and whether anything is cut off."""

import os
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from tests.browser.axe import violations

LOOKS, PAUSE_MS = 20, 100
PHONE = ViewportSize(width=390, height=844)
PICTURES = os.environ.get("PICTURES", "")  # a folder, for looking at the screens

CUT_OFF = """() => {
  const wide = document.scrollingElement.scrollWidth > innerWidth;
  const hidden = [...document.querySelectorAll('main *')].filter(element => {
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height || box.right <= innerWidth + 1) return false;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    for (let above = element.parentElement; above; above = above.parentElement) {
      const style = getComputedStyle(above);
      if (style.overflowX === 'auto' || style.overflowX === 'scroll') return false;
    }
    return true;
  });
  const name = element => element.tagName.toLowerCase() + '.' + element.className;
  return [...(wide ? ['the page scrolls sideways'] : []), ...hidden.map(name)];
}"""
STILL = """() => document.getAnimations().every(each =>
    each.playState != 'running' || each.effect.getTiming().iterations == Infinity)"""


def check(page: Page, name: str) -> None:
    """Nothing that axe finds, nothing cut off on a phone; pictures of both."""
    desk = page.viewport_size
    assert desk is not None
    look(page, name)
    assert violations(page) == [], name
    page.set_viewport_size(PHONE)
    look(page, f"{name}-phone")
    assert cut_off(page) == [], name
    assert violations(page) == [], name
    page.set_viewport_size(desk)


def look(page: Page, name: str) -> None:
    """Wait until a page is whole and nothing moves in it; keep a picture if somebody wants one."""
    page.wait_for_load_state()
    page.wait_for_function(STILL)
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def cut_off(page: Page) -> list[str]:
    """What reaches beyond the right edge and can't be scrolled to, once the sidebar, which slides
    when the window's width changes, stands still; empty is well."""
    page.wait_for_load_state()
    for _look in range(LOOKS):
        found: list[str] = page.evaluate(CUT_OFF)
        if not found:
            break
        page.wait_for_timeout(PAUSE_MS)
    return found

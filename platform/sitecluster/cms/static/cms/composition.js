/* Wagtail's lists search at every "input" event, also while an input method is composing: 水利 would
   be searched as s, sh, shu, shui'li. Such events stop here; one follows when the word is there. */
document.addEventListener(
  'input',
  (event) => {
    if (event.isComposing) event.stopImmediatePropagation();
  },
  true,
);
document.addEventListener('compositionend', (event) => {
  event.target.dispatchEvent(new Event('input', { bubbles: true }));
});


/* batches/work.py: live progress. On an element with w-swap; asks it for fresh content every two seconds
   until its target carries data-console-done. w-swap itself leaves a target alone that holds the
   focus (data-w-swap-defer-value). What stands in the target's [data-console-summary] is said
   through the live region of data-console-poll-status-value, at most every ten seconds, since
   a region that is itself replaced would be read anew each time. */
(() => {
  const PAUSE = 2000;
  const SILENCE = 10000;
  class PollController extends window.StimulusModule.Controller {
    static values = { status: String, pause: { type: Number, default: PAUSE } };

    connect() {
      this.spoke = Date.now();
      this.told = () => this.tell();
      document.addEventListener('w-swap:success', this.told);
      this.timer = setInterval(() => this.tick(), this.pauseValue);
    }

    disconnect() {
      clearInterval(this.timer);
      document.removeEventListener('w-swap:success', this.told);
    }

    get target() {
      return document.querySelector(this.element.dataset.wSwapTargetValue) || document.body;
    }

    get done() {
      return Boolean(this.target.querySelector('[data-console-done]'));
    }

    tick() {
      if (this.done) clearInterval(this.timer);
      else if (!document.hidden) this.dispatch('tick');
    }

    tell() {
      const status = this.statusValue && document.querySelector(this.statusValue);
      const summary = this.target.querySelector('[data-console-summary]');
      if (!status || !summary) return;
      const text = summary.textContent.trim().replace(/\s+/g, ' ');
      if (text === status.textContent) return;
      if (!this.done && Date.now() - this.spoke < SILENCE) return;
      status.textContent = text;
      this.spoke = Date.now();
    }
  }
  window.wagtail.app.register('console-poll', PollController);
})();

/* choosing.py: of a long list of sites those whose text holds what is typed; what is
   checked stays in sight. */
(() => {
  class FilterController extends window.StimulusModule.Controller {
    static targets = ['text'];

    apply(event) {
      if (event.key === 'Enter') event.preventDefault();
      const text = this.textTarget.value.trim().toLowerCase();
      this.element.querySelectorAll('label').forEach((label) => {
        const found = label.textContent.toLowerCase().includes(text);
        label.hidden = !found && !label.querySelector('input').checked;
      });
    }
  }
  window.wagtail.app.register('console-filter', FilterController);
})();

/* opening/forms.py: proposes a code for the name that was written, as long as nobody has written
   one by hand. Whoever is in the field when it arrives finds it selected, as on tabbing into it, so
   that what they type replaces it. */
(() => {
  class SuggestController extends window.StimulusModule.Controller {
    static values = { url: String };

    static targets = ['name', 'parent', 'code'];

    get written() {
      return this.codeTarget.value && this.codeTarget.value !== this.proposed;
    }

    async fetch() {
      const code = this.codeTarget;
      const name = this.nameTarget.value.trim();
      if (this.written || !name) return;
      const asked = new URLSearchParams({ name, parent: this.parentTarget.value });
      const response = await fetch(`${this.urlValue}?${asked}`, {
        headers: { 'X-Requested-With': 'XMLHttpRequest' },
      });
      const answer = response.ok ? await response.json() : null;
      if (!answer || this.written) return;
      this.proposed = answer.code;
      code.value = this.proposed;
      if (document.activeElement === code) code.select();
    }
  }
  window.wagtail.app.register('console-suggest', SuggestController);
})();

/* `<input data-oc-suggest="/places/" data-choice="choice" data-list="Places" data-some="{n} places" data-none="...">`:
 * places as one types, as an ARIA 1.2 combobox with a list. Without it the form asks after sending, as it always did.
 * The input keeps the focus; what the arrow keys point at is told by aria-activedescendant. */
const PAUSE_MS = 180;
// One Chinese character may be a country; one Latin letter is a twenty-sixth of the world.
const isEnough = (text) => text.length > 1 || /[^\u0000-\u024f]/.test(text);

export function suggestPlaces() {
  document.querySelectorAll('input[data-oc-suggest]').forEach((input) => new Suggestions(input));
}

class Suggestions {
  constructor(input) {
    this.input = input;
    this.places = [];
    this.at = -1;
    this.box = Object.assign(document.createElement('div'), { className: 'oc-suggest' });
    this.list = Object.assign(document.createElement('ul'), { id: `${input.id}-places`, hidden: true });
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', input.dataset.list);
    this.status = Object.assign(document.createElement('span'), { className: 'oc-hidden' });
    this.status.setAttribute('role', 'status');
    this.box.append(this.list, this.status);
    input.after(this.box);
    for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-expanded', 'false'], ['aria-controls', this.list.id]]) {
      input.setAttribute(name, value);
    }
    input.addEventListener('input', (event) => this.typed(event));
    // Who writes with an input method sends the word when it is chosen, not each of its letters.
    input.addEventListener('compositionend', (event) => this.typed(event));
    input.addEventListener('keydown', (event) => this.key(event));
    input.addEventListener('blur', () => this.close());
    // The list must not take the focus from the input.
    this.list.addEventListener('pointerdown', (event) => event.preventDefault());
    this.list.addEventListener('click', (event) => {
      const option = event.target.closest('[role=option]');
      if (option) this.choose([...this.list.children].indexOf(option));
    });
  }

  typed(event) {
    if (event.isComposing) return;
    this.setChoice('');
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    if (!isEnough(text)) return this.close();
    this.timer = setTimeout(() => this.ask(text), PAUSE_MS);
  }

  async ask(text) {
    this.asking?.abort();
    this.asking = new AbortController();
    const address = `${this.input.dataset.ocSuggest}?q=${encodeURIComponent(text)}`;
    try {
      const response = await fetch(address, { signal: this.asking.signal, headers: { Accept: 'application/json' } });
      if (response.ok) this.show((await response.json()).places);
    } catch {
      // No network, or a newer question: what is typed still counts, and the form asks when it is sent.
    }
  }

  show(places) {
    if (document.activeElement !== this.input) return;
    this.places = places;
    this.point(-1);
    const alike = (place) => places.filter((one) => one.label === place.label).length > 1;
    this.list.replaceChildren(...places.map((place, index) => {
      const option = document.createElement('li');
      option.id = `${this.list.id}-${index}`;
      option.setAttribute('role', 'option');
      option.setAttribute('aria-selected', 'false');
      option.dir = 'auto';
      option.textContent = alike(place) ? `${place.label} · ${place.region.split('-')[1] ?? place.region}` : place.label;
      return option;
    }));
    this.open(places.length > 0);
    this.say(places.length ? this.input.dataset.some.replace('{n}', places.length) : this.input.dataset.none);
  }

  say(text) {
    this.status.textContent = text;
  }

  open(isOpen) {
    const wasHidden = this.list.hidden;
    this.list.hidden = !isOpen;
    this.input.setAttribute('aria-expanded', isOpen);
    // On a telephone the keyboard covers the lower half: the input goes up, so that its list is seen.
    const seen = visualViewport?.height ?? innerHeight;
    if (isOpen && wasHidden && this.list.getBoundingClientRect().bottom > seen) this.input.scrollIntoView({ block: 'start' });
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.point(-1);
    this.open(false);
    this.say('');
  }

  point(at) {
    this.at = at;
    [...this.list.children].forEach((option, index) => option.setAttribute('aria-selected', index === at));
    const option = this.list.children[at];
    if (option) {
      this.input.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else {
      this.input.removeAttribute('aria-activedescendant');
    }
  }

  key(event) {
    if (event.isComposing) return;
    const isOpen = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!isOpen) return this.ask(this.input.value.trim());
      const count = this.places.length;
      this.point(this.at < 0 && step < 0 ? count - 1 : (this.at + step + count) % count);
    } else if (event.key === 'Enter' && isOpen && this.at >= 0) {
      // Chosen, not sent: there are usually dates to fill in yet.
      event.preventDefault();
      this.choose(this.at);
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault();
      this.close();
    }
  }

  choose(at) {
    const place = this.places[at];
    this.close();
    this.input.value = place.label;
    this.setChoice(String(place.id));
    this.say(place.label);
  }

  /** Which of several places of one name it is, for the server: a hidden field, or the list it asked with before. */
  setChoice(id) {
    for (const field of this.input.form?.querySelectorAll(`[name="${this.input.dataset.choice}"]`) ?? []) {
      if (field.type === 'radio') field.checked = field.value === id;
      else field.value = id;
    }
  }
}

// "1,369" is typed as it is shown, and Chinese keyboards have wide digits: the server takes both, and so does this.
const plain = (text) => {
  const words = text.normalize('NFKC').trim();
  const digits = words.replace(/[\s,.'’]/g, '');
  return /^\d+$/.test(digits) ? digits : words;
};

/** A confirmation by typing: the button wakes when the words match. The server checks them again. */
export function guardConfirmations() {
  document.querySelectorAll('form[data-oc-confirm]').forEach((form) => {
    const input = form.querySelector('[data-oc-expected]');
    const button = form.querySelector('[type=submit]');
    const why = form.querySelector('[data-oc-asleep]');
    if (!input || !button) return;
    const check = () => {
      button.disabled = plain(input.value) !== plain(input.dataset.ocExpected);
      if (why) why.hidden = !button.disabled;
    };
    input.addEventListener('input', check);
    check();
  });
}

/** A tick in the filters applies at once; words typed into them apply with Enter or the button.
 * Folded, as on a telephone, they apply with the button: several ticks would fold them several times. */
export function submitFiltersAtOnce() {
  document.querySelectorAll('form[data-oc-filters]').forEach((form) => {
    const fold = form.querySelector('details');
    const summary = fold?.querySelector('summary');
    const isFoldable = () => Boolean(summary?.offsetParent);
    // A browser that cannot keep a closed one in view gets it open where there is room.
    if (isFoldable() && matchMedia('(min-width: 64rem)').matches) fold.open = true;
    form.addEventListener('change', (event) => {
      if (event.target.matches('[type=checkbox], [type=radio], select') && !isFoldable()) form.requestSubmit();
    });
  });
}

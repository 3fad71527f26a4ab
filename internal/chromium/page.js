function(action, mark, value) {
  const MARK = 'data-gonogo';
  const marked = globalThis.gonogoMarked || (globalThis.gonogoMarked = []);
  const marks = globalThis.gonogoMarks || (globalThis.gonogoMarks = new WeakMap());
  const markOf = node => {
    if (!marks.has(node)) marks.set(node, marked.push(node) - 1);
    return marks.get(node);
  };
  const element = () => {
    const found = marked[mark];
    if (!found || !found.isConnected) throw new Error('gone');
    return found;
  };
  const told = (target, ...names) => {
    for (const name of names) target.dispatchEvent(new Event(name, {bubbles: true, composed: true}));
  };
  const send = form => form.requestSubmit ? form.requestSubmit() : form.submit();

  // set writes a value where frameworks that watch the property of the element itself notice it too.
  const set = (field, text) => {
    const prototype = field.localName === 'textarea' ? HTMLTextAreaElement : field.localName === 'select' ? HTMLSelectElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(prototype.prototype, 'value').set.call(field, text);
  };

  switch (action) {
  case 'look':
    return look();
  case 'fill': {
    const field = element();
    field.focus();
    if (field.type === 'checkbox' || field.type === 'radio') {
      if (field.checked !== (value === 'on')) field.click();
      return false;
    }
    if (field.localName === 'select') {
      set(field, value);
      told(field, 'input', 'change');
      return false;
    }
    set(field, '');
    told(field, 'input');
    field.focus();
    return true;
  }
  case 'filled': {
    const field = element();
    if (field.value !== value) {
      set(field, value);
      told(field, 'input');
    }
    told(field, 'change');
    field.blur();
    return true;
  }
  case 'press': {
    const button = element();
    if (button.matches(':disabled')) return false;
    button.scrollIntoView({block: 'center'});
    for (const name of ['pointerdown', 'mousedown', 'pointerup', 'mouseup']) {
      const kind = name.startsWith('pointer') ? PointerEvent : MouseEvent;
      button.dispatchEvent(new kind(name, {bubbles: true, cancelable: true, composed: true, button: 0, isPrimary: true}));
    }
    button.click();
    return true;
  }
  case 'enter': {
    const field = element();
    field.focus();
    const untouched = field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', code: 'Enter', bubbles: true, cancelable: true, composed: true}));
    if (untouched && field.form) send(field.form);
    return true;
  }
  }

  function look() {
    const out = [];
    const escaped = text => String(text).replace(/[&<>"]/g, c => ({'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'})[c]);
    const kept = ['id', 'name', 'type', 'for', 'form', 'action', 'method', 'formaction', 'formmethod', 'role', 'class', 'aria-label', 'title', 'alt',
      'placeholder', 'autocomplete', 'http-equiv', 'content'];
    const empty = new Set(['area', 'br', 'hr', 'img', 'input', 'link', 'meta', 'wbr', 'base']);
    const left = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math', 'object', 'embed', 'canvas', 'video', 'audio', 'base', 'link']);
    const fields = new Set(['input', 'select', 'textarea']);
    const inner = 'input,select,textarea,button,a[href],form';

    const seen = node => {
      if (node.localName === 'input' && node.type === 'hidden') return true;
      if (node.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})) return true;
      // A box that a style sheet hides behind its label is still ticked by the label.
      if (fields.has(node.localName) && (node.type === 'checkbox' || node.type === 'radio')) {
        return Array.from(node.labels || []).some(label => label.checkVisibility({visibilityProperty: true}));
      }
      return getComputedStyle(node).display === 'contents';
    };
    // What works only by script and looks like a button is one.
    const acts = node => {
      if (node.localName === 'a' || node.localName === 'area') {
        const href = node.getAttribute('href');
        return href === null ? node.hasAttribute('onclick') || node.getAttribute('role') === 'button' : /^\s*(#|javascript:)/i.test(href);
      }
      return node.localName !== 'button' && !fields.has(node.localName) && !['body', 'html', 'form', 'label', 'option'].includes(node.localName) &&
        (node.getAttribute('role') === 'button' || node.hasAttribute('onclick')) && !node.querySelector(inner);
    };

    const write = node => {
      if (node.nodeType === Node.TEXT_NODE) {
        out.push(escaped(node.data));
        return;
      }
      if (node.nodeType !== Node.ELEMENT_NODE || left.has(node.localName)) return;
      if (node.localName === 'iframe') {
        let inside = null;
        try { inside = node.contentDocument; } catch (_) { /* another site's */ }
        if (inside && inside.body && seen(node)) { out.push('<div>'); children(inside.body); out.push('</div>'); }
        return;
      }
      if (node.localName === 'input' && node.type === 'reset') return;
      const button = acts(node);
      const name = button ? 'button' : node.localName;
      out.push('<', name);
      for (const key of kept) {
        if (node.hasAttribute(key) && !(button && (key === 'type' || key === 'name'))) out.push(' ', key, '="', escaped(node.getAttribute(key)), '"');
      }
      if (button) out.push(' type="button"');
      if ((name === 'a' || name === 'area') && node.href) out.push(' href="', escaped(node.href), '"');
      if (button || fields.has(name) || ['button', 'a', 'area'].includes(name)) {
        out.push(' ', MARK, '="', markOf(node), '"');
      }
      if (!seen(node)) out.push(' hidden');
      if (fields.has(name) || name === 'button') {
        if (node.matches(':disabled') || node.getAttribute('aria-disabled') === 'true') out.push(' disabled');
        for (const key of ['required', 'multiple', 'checked']) if (node[key]) out.push(' ', key);
        if (node.readOnly) out.push(' readonly');
        const typed = name === 'textarea' || name === 'input' && !['submit', 'button', 'image', 'checkbox', 'radio', 'hidden'].includes(node.type);
        if (!typed && name !== 'select' && node.hasAttribute && node.hasAttribute('value')) out.push(' value="', escaped(node.value), '"');
      }
      if (name === 'option') {
        out.push(' value="', escaped(node.value), '"');
        if (node.selected) out.push(' selected');
        if (node.disabled) out.push(' disabled');
      }
      out.push('>');
      if (empty.has(name)) return;
      if (name !== 'textarea') children(node);
      out.push('</', name, '>');
    };
    const children = node => {
      if (node.shadowRoot) node.shadowRoot.childNodes.forEach(write);
      node.childNodes.forEach(write);
    };
    if (document.documentElement) write(document.documentElement);
    return {
      HTML: out.join(''),
      URL: location.href,
      Complete: document.readyState === 'complete',
      Scripted: document.scripts.length > 0 || document.querySelector('[onload],[onclick],[onsubmit],[onchange]') !== null,
    };
  }
}

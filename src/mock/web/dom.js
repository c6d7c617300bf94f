// Builds elements. Text from mail only ever becomes text: there is no way from here to markup, to a
// style attribute or to an event handler attribute.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) {
            continue;
        }
        if (name === 'on') {
            for (const [type, listener] of Object.entries(value)) {
                element.addEventListener(type, listener);
            }
        } else if (/^(on|style|srcdoc)/i.test(name)) {
            throw new Error(`no attribute ${name} here`);
        } else {
            element.setAttribute(name, value === true ? '' : String(value));
        }
    }
    for (const child of children.flat()) {
        if (child !== null && child !== undefined && child !== false) {
            element.append(child);
        }
    }
    return element;
}

// el('a', {href: '#/', class: 'brand', on: {click}}, 'text', node, null)
export function el(tag, attributes = {}, ...children) {
    return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, tag), attributes, children);
}

export function icon(name) {
    return svg('svg', {class: 'icon', 'aria-hidden': 'true'}, svg('use', {href: `#icon-${name}`}));
}

// Text of strangers, kept from turning the text around it (bidirectional controls).
export function foreign(text) {
    return el('bdi', {}, text);
}

export function code(text) {
    return el('code', {}, foreign(text));
}

export function unseen(text) {
    return el('span', {class: 'unseen'}, text);
}

export function byId(id) {
    return document.getElementById(id);
}

// Sets text only where it is another one, so that nothing is laid out or announced for nothing.
export function setText(element, text) {
    if (element.textContent !== text) {
        element.textContent = text;
    }
}

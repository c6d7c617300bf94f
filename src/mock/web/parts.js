// The tab Attachments: every part with its name, type and size; pictures are shown.

import {messagePath} from './api.js';
import {el, foreign, icon} from './dom.js';
import {size} from './format.js';

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

export function partsTab(panel, message) {
    const attached = new Set(message.attachments.map((part) => part.n));
    const others = message.parts.filter((part) => !attached.has(part.n));
    panel.append(
        attached.size > 0
            ? partList(message, message.attachments)
            : el('p', {class: 'absent'}, 'Nothing is attached.'));
    if (others.length > 0) {
        panel.append(el('h2', {class: 'small'}, 'The other parts'),
            el('p', {class: 'hint'}, 'What the message itself consists of: ',
                'its text, its HTML, pictures that the HTML shows, an invitation.'),
            partList(message, others));
    }
}

function partList(message, parts) {
    return el('ul', {class: 'parts'}, parts.map((part) => partItem(message, part)));
}

function partItem(message, part) {
    const path = messagePath(message.id, `/parts/${Number(part.n)}`);
    const name = part.filename || `part ${part.n}`;
    return el('li', {},
        el('div', {class: 'part'},
            el('span', {class: 'part-name'}, foreign(name)),
            el('span', {class: 'part-type'}, foreign(part.type), `, ${size(part.size)}`),
            el('a', {href: path, download: part.filename || true, class: 'button'},
                icon('download'), 'Download')),
        PICTURES.includes(part.type.toLowerCase()) && picture(path, name));
}

function picture(path, name) {
    const image = el('img', {class: 'picture', src: path, alt: name, loading: 'lazy'});
    image.addEventListener('error', () => image.replaceWith(
        el('p', {class: 'absent'}, 'This picture cannot be shown.')));
    return image;
}

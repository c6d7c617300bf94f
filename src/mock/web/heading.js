// The first line of a view: the way back, and what it is.

import {el, icon} from './dom.js';

export function backButton(back) {
    return el('button', {
        type: 'button', class: 'back quiet', title: 'Back (Escape)', 'aria-label': 'Back',
        on: {click: back},
    }, icon('back'));
}

export function heading(back, text) {
    return el('div', {class: 'title'}, backButton(back), el('h1', {tabindex: '-1'}, text));
}

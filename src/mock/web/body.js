// The tab Message: the html in a frame that allows nothing, or the text.

import {messagePath} from './api.js';
import {el, icon} from './dom.js';
import {size} from './format.js';

const MOST = 512 * 1024; // characters of text shown
const MOST_RETURNS = 20; // times the message is put back after a click on a link

let preferred = 'html'; // what the reader last chose, as long as the page is open

export function bodyTab(panel, message) {
    const kinds = ['html', 'text'].filter((kind) => message[kind] !== null);
    if (kinds.length === 0) {
        panel.append(el('p', {class: 'absent'}, 'This message has neither text nor html.'));
        return;
    }
    const told = el('p', {class: 'shield'});
    const place = el('div', {class: 'body'});
    const show = (kind) => {
        told.replaceChildren();
        place.replaceChildren(
            ...(kind === 'html' ? htmlView(message.id, told) : textView(message)));
    };
    const choice = kinds.length === 2 && kindSwitch((kind) => {
        preferred = kind;
        show(kind);
    });
    if (kinds.includes('html')) {
        panel.append(el('div', {class: 'body-bar'}, told, choice));
    }
    panel.append(place);
    show(kinds.includes(preferred) ? preferred : kinds[0]);
}

function kindSwitch(chosen) {
    const option = (kind, title) => el('label', {},
        el('input', {
            type: 'radio', name: 'body-kind', value: kind, checked: preferred === kind,
            on: {change: () => chosen(kind)},
        }),
        el('span', {}, title));
    return el('fieldset', {class: 'switch'},
        el('legend', {class: 'unseen'}, 'Show the message as'),
        option('html', 'HTML'), option('text', 'Text'));
}

function textView(message) {
    const cut = message.text.length > MOST;
    return [
        el('pre', {class: 'text', dir: 'auto'}, cut ? message.text.slice(0, MOST) : message.text),
        cut && el('p', {class: 'hint'},
            `Cut after ${size(MOST)}. Source has a link to the whole message.`),
    ].filter(Boolean);
}

function htmlView(id, told) {
    const holder = el('div', {class: 'frame'});
    let loads = 0;
    let returns = 0;

    // A link that is clicked ends in an empty frame, as the page's policy forbids to follow it. The
    // second load is such a one: the message is put back.
    function loaded() {
        loads += 1;
        if (loads > 1 && returns < MOST_RETURNS) {
            returns += 1;
            tell('That link was blocked. ');
            put();
        }
    }

    function tell(before) {
        told.replaceChildren(icon('shield'),
            el('span', {}, `${before}Remote pictures, scripts, forms and links are blocked.`));
    }

    function put() {
        loads = 0;
        holder.replaceChildren(el('iframe', {
            sandbox: '',
            referrerpolicy: 'no-referrer',
            title: 'The message',
            src: messagePath(id, '/html'),
            on: {load: loaded},
        }));
    }

    tell('');
    put();
    return [holder];
}

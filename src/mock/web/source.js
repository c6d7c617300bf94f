// The tab Source: the message as it came, fetched when somebody wants to see it.

import {getRaw, messagePath} from './api.js';
import {el, icon} from './dom.js';
import {size} from './format.js';

const MOST = 512 * 1024; // bytes shown
const FIELD = /^([!-9;-~]+):/;

export async function sourceTab(panel, message, signal) {
    const state = el('p', {class: 'hint', role: 'status'}, 'fetching …');
    panel.append(state);
    try {
        const {bytes, cut} = await getRaw(message.id, MOST, signal);
        const text = new TextDecoder().decode(bytes).replaceAll('\r\n', '\n');
        panel.replaceChildren(told(message, cut), el('pre', {class: 'source'}, ...coloured(text)));
    } catch (error) {
        if (!signal.aborted) {
            state.textContent = `The source could not be fetched: ${error.message}`;
        }
    }
}

function told(message, cut) {
    return el('p', {class: 'hint'},
        cut ? `The first ${size(MOST)} of ${size(message.size)}. ` : 'The bytes as they came. ',
        el('a', {href: messagePath(message.id, '/raw'), download: `message-${message.id}.eml`},
            icon('download'), 'Download all of it'));
}

// The names of the header fields stand out; all the rest is one text.
function coloured(text) {
    const end = text.indexOf('\n\n');
    const header = end < 0 ? text : text.slice(0, end);
    const lines = header.split('\n').slice(0, 2000);
    const drawn = lines.flatMap((line) => {
        const name = FIELD.exec(line)?.[0];
        return name ? [el('b', {}, name), `${line.slice(name.length)}\n`] : [`${line}\n`];
    });
    const length = lines.reduce((sum, line) => sum + line.length + 1, 0);
    return [...drawn, text.slice(length)];
}

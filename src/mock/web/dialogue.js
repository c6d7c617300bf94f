// The tab Dialogue: who said what on the connection.

import {el, foreign} from './dom.js';
import {count} from './format.js';

const MOST = 2000;

export function dialogueTab(panel, message) {
    if (message.dialogue.length === 0) {
        panel.append(el('p', {class: 'absent'}, 'The dialogue of this message is not known.'));
        return;
    }
    const left = message.dialogue.length - MOST;
    panel.append(
        el('p', {class: 'hint'}, 'What was said from the beginning of the connection, ',
            'without other messages. Secrets are masked.'),
        el('ol', {class: 'dialogue'}, message.dialogue.slice(0, MOST).map(spoken)));
    if (left > 0) {
        panel.append(el('p', {class: 'hint'}, `${count(left, 'line')} more`));
    }
}

function spoken({who, line}) {
    return el('li', {class: `said ${['client', 'server'].includes(who) ? who : 'note'}`},
        el('span', {class: 'who'}, who), el('code', {}, foreign(line)));
}

// The dialogs: a question before something is deleted, a word about what went wrong, and the keys.

import {byId} from './dom.js';

// Resolves to whether the answer was yes. Escape is no, and so is Enter: `no` has the focus first.
// Afterwards the focus goes back to where it was.
export function ask({title, text, yes, no = 'Cancel'}) {
    const dialog = byId('ask');
    byId('ask-title').textContent = title;
    byId('ask-text').textContent = text;
    byId('ask-yes').textContent = yes;
    byId('ask-yes').className = no === null ? '' : 'danger';
    byId('ask-no').hidden = no === null;
    const before = document.activeElement;
    return new Promise((resolve) => {
        let answer = false;
        byId('ask-yes').onclick = () => {
            answer = true;
            dialog.close();
        };
        byId('ask-no').onclick = () => dialog.close();
        dialog.addEventListener('close', () => {
            if (before?.isConnected) {
                before.focus({preventScroll: true});
            }
            resolve(answer);
        }, {once: true});
        dialog.showModal();
        byId(no === null ? 'ask-yes' : 'ask-no').focus();
    });
}

export function say({title, text}) {
    return ask({title, text, yes: 'Close', no: null});
}

export function showKeys() {
    const dialog = byId('keys');
    byId('keys-close').onclick = () => dialog.close();
    dialog.showModal();
}

export function dialogOpen() {
    return document.querySelector('dialog[open]') !== null;
}

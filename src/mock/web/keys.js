// The keyboard. Nothing here while somebody types, or while a dialog is open.

import {dialogOpen} from './ask.js';
import {TABS} from './route.js';

const TYPING = 'input, textarea, select, [contenteditable]';
const PRESSABLE = 'a, button, input, textarea, select, summary, [role=tab]';

// actions: {next, previous, page(step), end('first' | 'last'), open, remove, search, back, keys,
// tab(name)}
export function listen(actions, list) {
    const plain = {
        j: actions.next,
        k: actions.previous,
        d: actions.remove,
        '/': actions.search,
        '?': actions.keys,
        Escape: actions.back,
    };
    TABS.forEach((name, place) => {
        plain[place + 1] = () => actions.tab(name);
    });
    const inList = {
        ArrowDown: actions.next,
        ArrowUp: actions.previous,
        PageDown: () => actions.page(1),
        PageUp: () => actions.page(-1),
        Home: () => actions.end('first'),
        End: () => actions.end('last'),
        Enter: actions.open,
        ' ': actions.open,
    };
    document.addEventListener('keydown', (event) => {
        if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialogOpen()
            || event.isComposing || event.target.closest?.(TYPING)) {
            return;
        }
        const action = (event.target === list && inList[event.key])
            || plain[event.key]
            || (event.key === 'Enter' && !event.target.closest?.(PRESSABLE) && actions.open);
        if (action) {
            event.preventDefault();
            action();
        }
    });
}

// Tabs as the ARIA practices want them: one stop for the Tab key, arrows between them. A panel is
// filled when it is first looked at.

import {el} from './dom.js';

const STEPS = {ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity};

// entries: [{name, title, fill(panel)}]. Returns {list, panels, select(name)}; a name that no entry
// has selects the first.
export function makeTabs(entries, chosen) {
    const tabs = entries.map(({name, title}, place) => el('button', {
        type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': `panel-${name}`,
        'aria-keyshortcuts': String(place + 1), on: {click: () => chosen(name)},
    }, title));
    const panels = entries.map(({name}) => el('div', {
        role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': `tab-${name}`, tabindex: '0',
        class: `panel panel-${name}`, hidden: true,
    }));
    const filled = new Set();

    function select(asked) {
        const wanted = (entries.find(({name}) => name === asked) ?? entries[0]).name;
        entries.forEach(({name, fill}, place) => {
            const mine = name === wanted;
            tabs[place].setAttribute('aria-selected', String(mine));
            tabs[place].tabIndex = mine ? 0 : -1;
            panels[place].hidden = !mine;
            if (mine && !filled.has(name)) {
                filled.add(name);
                fill(panels[place]);
            }
        });
        tabs.find((tab) => tab.tabIndex === 0)
            .scrollIntoView({block: 'nearest', inline: 'nearest'});
    }

    const list = el('div', {
        class: 'tabs', role: 'tablist', 'aria-label': 'Parts of the message',
    }, tabs);
    list.addEventListener('keydown', (event) => {
        const step = STEPS[event.key];
        const place = tabs.indexOf(document.activeElement);
        if (step === undefined || place < 0) {
            return;
        }
        event.preventDefault();
        const next = Number.isFinite(step)
            ? (place + step + tabs.length) % tabs.length
            : (step < 0 ? 0 : tabs.length - 1);
        tabs[next].focus();
        chosen(entries[next].name);
    });
    return {list, panels, select};
}

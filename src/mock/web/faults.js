// The faults panel: the rules in force with how often each fired, and a place to set others.

import {deleteFaults, getFaults, setFaults} from './api.js';
import {code, el} from './dom.js';
import {heading} from './heading.js';

const WATCH_MS = 2000;
const EXAMPLE = `[
  {"step": "rcpt", "recipient": "tom@*", "attempt": 1,
   "reply": "451 4.7.1 greylisted, try again"},
  {"step": "final", "message": 3, "stored": true, "then": "close"}
]`;

export class FaultsView {
    #root;
    #back;
    #rules = el('div', {class: 'rules'});
    #text = null;
    #errors = el('div', {class: 'errors', role: 'alert'});
    #rulesNow = [];
    #shown = ''; // the rules as drawn
    #timer = null;

    constructor(root, back) {
        this.#root = root;
        this.#back = back;
    }

    show() {
        this.#shown = '';
        this.#errors.replaceChildren();
        this.#text ??= el('textarea', {
            id: 'fault-rules', rows: '8', spellcheck: 'false', autocomplete: 'off',
            placeholder: EXAMPLE, 'aria-describedby': 'fault-help',
        });
        this.#root.replaceChildren(this.#page());
        this.#root.scrollTop = 0;
        this.#watch(true);
    }

    close() {
        clearTimeout(this.#timer);
        this.#timer = null;
    }

    #page() {
        return el('div', {class: 'page faults'},
            heading(this.#back, 'Faults'),
            el('p', {class: 'facts'}, 'Rules that make the server fail on command. ',
                'At every step the first rule that matches is carried out.'),
            this.#rules,
            el('label', {for: 'fault-rules', class: 'small'}, 'Set other rules (a JSON list)'),
            this.#text,
            el('p', {id: 'fault-help', class: 'hint'},
                'Steps: connect, ehlo, starttls, auth, mail, rcpt, data, body, final, quit. ',
                'docs/faults.md explains them all.'),
            this.#errors,
            el('div', {class: 'buttons'},
                el('button', {type: 'button', on: {click: () => { this.#text.value = EXAMPLE; }}},
                    'Example'),
                el('button', {type: 'button', id: 'clear-faults',
                    on: {click: () => this.#change(deleteFaults)}}, 'No faults'),
                el('button', {type: 'button', id: 'set-faults', class: 'main-button',
                    on: {click: () => this.#change(() => setFaults(this.#text.value))}}, 'Set')));
    }

    async #watch(first) {
        clearTimeout(this.#timer);
        try {
            this.#draw((await getFaults()).rules);
            if (first && this.#text.value === '') {
                this.#text.value = inJson(this.#rulesNow);
            }
        } catch (error) {
            this.#rules.replaceChildren(el('p', {class: 'absent'}, error.message));
        }
        if (this.#root.contains(this.#rules)) {
            this.#timer = setTimeout(() => this.#watch(false), WATCH_MS);
        }
    }

    async #change(call) {
        try {
            this.#draw((await call()).rules);
            this.#text.value = inJson(this.#rulesNow);
            this.#errors.replaceChildren();
        } catch (error) {
            const places = error.errors ?? [];
            this.#errors.replaceChildren(
                el('p', {}, places.length === 1 ? 'The rules were not taken.' : error.message),
                el('ul', {}, places.map((one) => this.#errorLine(one))));
        }
    }

    #errorLine({line, column, pointer, message}) {
        return el('li', {},
            el('button', {
                type: 'button', class: 'link', on: {click: () => this.#goTo(line, column)},
            }, `line ${line}, column ${column}`),
            pointer ? [' ', code(pointer)] : '', `: ${message}`);
    }

    #goTo(line, column) {
        const lines = this.#text.value.split('\n');
        const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
        const characters = [...(lines[line - 1] ?? '')]; // columns count these, not UTF-16 units
        const inLine = characters.slice(0, Math.max(0, column - 1)).join('').length;
        this.#text.focus();
        this.#text.setSelectionRange(before + inLine, before + inLine + 1);
    }

    #draw(rules) {
        this.#rulesNow = rules;
        const now = JSON.stringify(rules);
        if (now === this.#shown) {
            return;
        }
        this.#shown = now;
        this.#rules.replaceChildren(rules.length === 0
            ? el('p', {class: 'absent'}, 'No rules: the server is well-behaved.')
            : table(rules));
    }
}

function table(rules) {
    const titles = ['Step', 'Rule', 'Fired'].map((text) => el('th', {scope: 'col'}, text));
    return el('table', {},
        el('thead', {}, el('tr', {}, titles)),
        el('tbody', {}, rules.map(tableRow)));
}

function tableRow({step, fired, ...rest}) {
    const conditions = Object.entries(rest).map(([name, value]) => el('span', {class: 'condition'},
        `${name} `, code(String(value))));
    return el('tr', {class: fired > 0 ? 'fired' : ''},
        el('td', {}, code(step)), el('td', {}, conditions),
        el('td', {class: 'number'}, String(fired)));
}

function inJson(rules) {
    if (rules.length === 0) {
        return '';
    }
    const lines = rules.map(
        ({fired, ...rule}) => `  ${JSON.stringify(rule, null, 1).replace(/\n */g, ' ')}`);
    return `[\n${lines.join(',\n')}\n]\n`;
}

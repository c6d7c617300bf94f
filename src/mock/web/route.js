// The part of the address after `#`: which view it names, and how a view is named.

export const TABS = ['message', 'envelope', 'dialogue', 'source', 'attachments'];

export function parse(hash) {
    const [view = '', what = '', rest = ''] = hash.replace(/^#?\/?/, '').split('/');
    if (view === 'message' && /^[1-9][0-9]{0,14}$/.test(what)) {
        return {view, id: Number(what), tab: TABS.includes(rest) ? rest : TABS[0]};
    }
    if (view === 'campaigns') {
        return what === '' ? {view} : {view: 'campaign', name: decode(what)};
    }
    return {view: view === 'faults' ? view : 'welcome'};
}

function decode(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

export function messageHash(id, tab = TABS[0]) {
    return tab === TABS[0] ? `#/message/${id}` : `#/message/${id}/${tab}`;
}

export function campaignHash(name) {
    return `#/campaigns/${encodeURIComponent(name)}`;
}

export function go(hash) {
    if (window.location.hash !== hash) {
        window.location.hash = hash;
    }
}

// Goes there without a step for the back button.
export function goInstead(hash) {
    window.location.replace(hash);
}

// The stream of /api/events. It comes back by itself; each time, the store is brought up to date.

const RETRY_MS = 2000;
const GONE_MS = 5000;

export function follow(store, showState) {
    let stream = null;
    let silence = null; // the timer since the server stopped answering

    async function catchUp(of) {
        try {
            await store.synchronise();
            if (of === stream && of.readyState === EventSource.OPEN) {
                clearTimeout(silence);
                silence = null;
                showState('live');
            }
        } catch {
            if (of === stream && of.readyState === EventSource.OPEN) {
                setTimeout(() => of === stream && catchUp(of), RETRY_MS);
            }
        }
    }

    function lost() {
        if (silence === null) {
            showState('reconnecting');
            silence = setTimeout(() => showState('gone'), GONE_MS);
        }
    }

    function connect() {
        const mine = new EventSource('/api/events');
        stream = mine;
        mine.addEventListener('open', () => catchUp(mine));
        mine.addEventListener('message', (event) => store.arrived(JSON.parse(event.data)));
        mine.addEventListener('deleted', (event) => store.deleted(JSON.parse(event.data)));
        mine.addEventListener('error', () => {
            lost();
            if (mine.readyState === EventSource.CLOSED) { // refused: the browser does not try again
                setTimeout(connect, RETRY_MS);
            }
        });
    }

    connect();
}

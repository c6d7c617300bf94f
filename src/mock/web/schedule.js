// When things happen: bundled, so that a thousand arrivals cost as much as one.

// Returns a function that runs `work` once at the next animation frame, however often it is called.
// A hidden page has no frames: there a timer does, so that its title still counts.
export function eachFrame(work) {
    let waiting = false;
    const run = () => {
        waiting = false;
        work();
    };
    return () => {
        if (waiting) {
            return;
        }
        waiting = true;
        if (document.hidden) {
            setTimeout(run, 250);
        } else {
            requestAnimationFrame(run);
        }
    };
}

// Runs `work` at once, then at most every `pause_ms`; what was asked in between runs afterwards.
export function atMostEvery(pause_ms, work) {
    let timer = null;
    let asked = false;
    const run = () => {
        asked = false;
        timer = setTimeout(() => {
            timer = null;
            if (asked) {
                run();
            }
        }, pause_ms);
        work();
    };
    return () => {
        if (timer === null) {
            run();
        } else {
            asked = true;
        }
    };
}

// Runs `work` when it has been quiet for so long.
export function whenQuiet(quiet_ms, work) {
    let timer = null;
    return () => {
        clearTimeout(timer);
        timer = setTimeout(work, quiet_ms);
    };
}

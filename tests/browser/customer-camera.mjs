// A simulated camera for the browser: a canvas with the sandbox's people. The page gets an ordinary video stream
// whose people follow its instructions.

/** The sandbox's pictures of a person, by the page's instruction. */
const FACES = { straight: 'selfie', turnLeft: 'left', turnRight: 'right', lookUp: 'up', blink: 'blink', openMouth: 'mouth' };

/**
 * Installs the camera in the person's browser. `before.person` is the row of the resident in front of it,
 * `before.query` is added to pictures of cards ("?photo=3"), `before.wanted` may change the picture.
 */
export async function giveCamera(me, sandbox) {
  const before = { person: 1, query: '?photo=1', wanted: (what) => what };
  const kept = new Map();
  const fetched = async (path) => {
    if (!kept.has(path)) {
      const answer = await fetch(`${sandbox}${path}`);
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      kept.set(path, `data:image/jpeg;base64,${Buffer.from(await answer.arrayBuffer()).toString('base64')}`);
    }
    return kept.get(path);
  };
  await me.page.exposeFunction('cameraPicture', (asked) => {
    const what = before.wanted(asked);
    if (what.startsWith('card-')) return fetched(`/people/${before.person}/${what}.jpg${before.query}`);
    return fetched(`/people/${before.person}/${FACES[what] ?? what}.jpg`);
  });
  await me.page.addInitScript(canvasCamera);
  me.camera = before;
}

/** Runs in the page. The picture jitters like a hand-held camera: no two frames are equal. */
function canvasCamera() {
  const asked = () => {
    const challenge = document.querySelector('[data-testid=challenge]');
    if (challenge) return challenge.dataset.action === 'done' ? 'straight' : challenge.dataset.action;
    const card = document.querySelector('[data-testid=id-pictures]');
    return card ? `card-${card.dataset.side}` : null;
  };
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');
    const image = new Image();
    let shown = null;
    const show = async (what) => {
      shown = what;
      image.src = await window.cameraPicture(what);
      await image.decode();
    };
    await show(asked() ?? 'straight');
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const draw = () => {
      const shake = () => Math.random() * 2 - 1;
      context.drawImage(image, shake() - 2, shake() - 2, canvas.width + 4, canvas.height + 4);
      // the page marks its state, so that a test can wait for it
      document.documentElement.dataset.camera = shown;
    };
    draw();
    const timer = setInterval(async () => {
      const what = asked();
      if (what !== null && what !== shown) await show(what);
      draw();
    }, 60);
    const stream = canvas.captureStream(20);
    const [track] = stream.getVideoTracks();
    const stop = track.stop.bind(track);
    track.stop = () => {
      clearInterval(timer);
      stop();
    };
    return stream;
  };
}

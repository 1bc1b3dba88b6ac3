// The page: strokes become an image as those of the data set, which the module reads.

const drawing = document.getElementById("drawing");
const seen = document.getElementById("seen");
const scores = document.getElementById("scores");
const told = document.getElementById("told");
const status = document.getElementById("status");
const pen = drawing.getContext("2d", { willReadFrequently: true });
const SIDE = 32; // the data set's bitmaps, of which each grey value counts 4 x 4 pixels

const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const digits = await load(bytes(WASM));
const model = digits.newState();
let taught = false;

const rows = Array.from({ length: 10 }, (_, digit) => {
  const row = document.createElement("li");
  row.innerHTML = `<b>${digit}</b><span class="track"><i></i></span><em></em>`;
  scores.append(row);
  return row;
});
const teachers = Array.from({ length: 10 }, (_, digit) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = digit;
  button.addEventListener("click", () => teach(digit));
  told.parentElement.append(button);
  return button;
});

/** The box around what is drawn, and the middle of its ink; nothing if there is nothing. */
function bounds({ data, width, height }) {
  let [left, top, right, bottom, sum, count] = [width, height, -1, -1, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[4 * (y * width + x) + 3] > 127) {
        left = Math.min(left, x); right = Math.max(right, x);
        top = Math.min(top, y); bottom = Math.max(bottom, y);
        sum += x; count += 1;
      }
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1, middle: sum / count };
}

/** The drawing as 64 grey values: as high as the image, in its middle, as in the data set. */
function image() {
  const box = bounds(pen.getImageData(0, 0, drawing.width, drawing.height));
  if (box === null) return null;
  const scale = Math.min(SIDE / box.height, SIDE / box.width);
  const [width, height] = [box.width * scale, box.height * scale];
  const left = Math.min(Math.max(SIDE / 2 - (box.middle - box.left) * scale, 0), SIDE - width);
  const small = new OffscreenCanvas(SIDE, SIDE).getContext("2d");
  small.imageSmoothingQuality = "high";
  small.drawImage(drawing, box.left, box.top, box.width, box.height, left, (SIDE - height) / 2, width, height);
  const { data } = small.getImageData(0, 0, SIDE, SIDE);
  const grey = new Float32Array(64);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      grey[8 * (y >> 2) + (x >> 2)] += data[4 * (y * SIDE + x) + 3] / 255 / 16;
    }
  }
  return { data: grey, shape: [1, 64] };
}

function show(grey, values) {
  const pixels = new ImageData(8, 8);
  grey?.forEach((value, index) => pixels.data.set([29, 32, 38, Math.round(255 * value)], 4 * index));
  seen.getContext("2d").putImageData(pixels, 0, 0);
  const best = values ? values.indexOf(Math.max(...values)) : -1;
  rows.forEach((row, digit) => {
    row.classList.toggle("best", digit === best);
    row.querySelector("i").style.width = values ? `${100 * values[digit]}%` : 0;
    row.querySelector("em").textContent = values ? `${(100 * values[digit]).toFixed(1)} %` : "";
  });
  teachers.forEach((button) => { button.disabled = !values; });
}

function read(what = "read") {
  const images = image();
  if (images === null) {
    show(null, null);
    status.textContent = "ready";
    return;
  }
  const before = performance.now();
  const { data } = model.predict(images);
  const passed = performance.now() - before;
  show(images.data, Array.from(data));
  status.textContent = `${what} in ${passed.toFixed(2)} ms`;
  readThere(images.data, Array.from(data));
}

const compare = document.getElementById("compare");
const other = document.getElementById("other");
let there = null; // onnxruntime-web, once it is loaded
let waiting = null; // the latest drawing, while it reads another one

/** Load the script beside the page, which has the runtime and the model as they were when the page was made. */
async function loadThere() {
  compare.disabled = true;
  other.textContent = "loading onnxruntime-web …";
  const before = performance.now();
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src: OTHER, onload: resolve, onerror: () => reject(new Error(`no file ${OTHER}`)) });
    document.head.append(script);
  });
  const { module, wasm, model: content, version } = globalThis.ONNX_RUNTIME;
  const runtime = await import(URL.createObjectURL(new Blob([bytes(module)], { type: "text/javascript" })));
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmBinary = bytes(wasm);
  const session = await runtime.InferenceSession.create(bytes(content));
  const size = ((module.length + wasm.length + content.length) * 3 / 4 / 1e6).toFixed(1);
  there = { runtime, session, name: `onnxruntime-web ${version} (${size} MB)` };
  other.textContent = `${there.name} loaded in ${Math.round(performance.now() - before)} ms`;
  compare.hidden = true;
}

/** The same drawing, read by onnxruntime-web; what came meanwhile is read after it. */
async function readThere(grey, values) {
  if (there === null) return;
  if (waiting !== null) {
    waiting = { grey, values };
    return;
  }
  waiting = { grey, values };
  while (true) {
    const now = waiting;
    const { runtime, session } = there;
    const before = performance.now();
    const found = await session.run({ images: new runtime.Tensor("float32", now.grey, [1, 64]) });
    const passed = performance.now() - before;
    const { data } = found[session.outputNames[0]];
    const best = data.indexOf(Math.max(...data));
    const apart = Math.max(...now.values.map((value, digit) => Math.abs(value - data[digit])));
    other.textContent = `${there.name} reads ${best} in ${passed.toFixed(2)} ms, ` +
      (taught ? "without what was learned here" : `with scores at most ${apart.toPrecision(1)} from these`);
    if (waiting === now) break;
  }
  waiting = null;
}

if (OTHER) {
  compare.hidden = false;
  compare.addEventListener("click", () => loadThere().then(() => read(), (error) => {
    other.textContent = String(error.message ?? error);
  }));
}

function teach(digit) {
  const images = image();
  if (images === null) return;
  taught = true;
  model.learn(images, { data: Int32Array.of(digit), shape: [1] });
  told.textContent = `It has taken one training step towards ${digit}.`;
  read("read again");
}

let last = null;

function place(event) {
  const box = drawing.getBoundingClientRect();
  const scale = drawing.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}

function stroke(event) {
  const next = place(event);
  pen.lineWidth = drawing.width / 9;
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = "#1d2026";
  pen.beginPath();
  pen.moveTo(...last);
  pen.lineTo(...next);
  pen.stroke();
  last = next;
  read();
}

drawing.addEventListener("pointerdown", (event) => {
  drawing.setPointerCapture(event.pointerId);
  told.textContent = "It is in fact a …";
  last = place(event);
  stroke(event);
});
drawing.addEventListener("pointermove", (event) => { if (last) stroke(event); });
for (const end of ["pointerup", "pointercancel"]) drawing.addEventListener(end, () => { last = null; });
document.getElementById("clear").addEventListener("click", () => {
  pen.clearRect(0, 0, drawing.width, drawing.height);
  told.textContent = "It is in fact a …";
  read();
});

read();
window.page = { model, image };

/* /video: a camera dragged from the tree into a place, or from place to place. The keys do the same: Enter in the tree,
   Shift and an arrow among the places. */
(function () {
  "use strict";
  const { video } = window.citywall;

  function enter({ root, cells }) {
    for (const cell of cells) cell.draggable = true;
    root.addEventListener("dragstart", onStart);
    root.addEventListener("dragover", onOver);
    root.addEventListener("dragend", end);
    root.addEventListener("drop", onDrop);
  }

  function onStart(event) {
    const from = event.target.closest(".video-leaf, .video-cell");
    if (!from) return;
    const what = from.dataset.pick ? { camera: Number(from.dataset.pick) } : { place: video.page().cells.indexOf(from) };
    event.dataTransfer.setData("text/plain", JSON.stringify(what));
    event.dataTransfer.effectAllowed = "copyMove";
  }

  function onOver(event) {
    const cell = event.target.closest(".video-cell");
    for (const other of video.page().cells) other.toggleAttribute("data-over", other === cell);
    if (cell) event.preventDefault();
  }

  function end() {
    for (const cell of video.page().cells) cell.removeAttribute("data-over");
  }

  function onDrop(event) {
    const cell = event.target.closest(".video-cell");
    end();
    const text = event.dataTransfer.getData("text/plain");
    if (!cell || !text.startsWith("{")) return; // something from outside the page
    event.preventDefault();
    const { camera, place } = JSON.parse(text);
    const to = video.page().cells.indexOf(cell);
    if (camera) video.put(to, camera);
    else if (place >= 0) video.swap(place, to);
  }

  video.part({ enter });
})();

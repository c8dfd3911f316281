"use strict";
/*
 * Makes everything that set-up lets in fit where it stands: measured, not counted, whatever its letters and the screen.
 *
 * [data-fit] holds one line, whose style sheet multiplies its sizes by --fit: as much of them as there is room for.
 * [data-gives-way] in it goes before anything is made much smaller. [data-ink] is text of which nothing may be cut off,
 * its rings, dots and tails included. [data-fit-words] is a box of a fixed height, whose words grow smaller until all of
 * them are in it. [data-spread] is a grid, in --columns as its members are largest in.
 */
(() => {
  const ROUNDS = 4; // sizes that are not multiplied, such as gaps, make the first answer a little too large
  const NARROWEST = 0.8; // of its size, before what gives way is gone
  const MEMBER = 3; // a member of a spread is best this many times as wide as it is high
  const SMALLEST_WORDS = 0.4;
  const WORDS_STEP = 0.94;
  const SLACK = 0.5; // px
  const SAFETY = 0.99; // of the share: glyphs come in whole pixels
  const canvas = document.createElement("canvas").getContext("2d");

  /* Where the ink of this text is, in px from the top of the page's window. */
  function ink(element) {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    let [top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    while (texts.nextNode()) {
      const { currentNode: text } = texts;
      const style = getComputedStyle(text.parentElement);
      canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const of = canvas.measureText(text.data);
      const baseline = rectOf(text).top + of.fontBoundingBoxAscent;
      top = Math.min(top, baseline - of.actualBoundingBoxAscent);
      bottom = Math.max(bottom, baseline + of.actualBoundingBoxDescent);
    }
    return { top, bottom };
  }

  function rectOf(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    return range.getBoundingClientRect();
  }

  function roomIn(box) {
    const style = getComputedStyle(box);
    const { top, height, width } = box.getBoundingClientRect();
    const above = Number.parseFloat(style.paddingTop);
    const across = Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.paddingRight);
    const along = above + Number.parseFloat(style.paddingBottom);
    return { top: top + above, width: width - across, height: height - along };
  }

  /* What of its present size this box has room for; 1 and more: enough. */
  function share(box) {
    const room = roomIn(box);
    const inks = Array.from(box.querySelectorAll("[data-ink]"), ink);
    const tallest = Math.max(1, ...inks.map(({ top, bottom }) => bottom - top));
    return Math.min((room.width + SLACK) / rectOf(box).width, (room.height + SLACK) / tallest);
  }

  /* Text whose ink leaves the box above or below, though there is room, is moved. */
  function settle(box) {
    const { top, height } = roomIn(box);
    for (const element of box.querySelectorAll("[data-ink]")) {
      const { top: from, bottom: to } = ink(element);
      const down = Math.max(0, top - from);
      const up = Math.max(0, to - (top + height));
      element.style.translate = down || up ? `0 ${down - up}px` : "";
    }
  }

  function spread(grid) {
    const { width, height } = grid.getBoundingClientRect();
    const count = grid.children.length;
    const sizeIn = (columns) => Math.min(width / columns / MEMBER, height / Math.ceil(count / columns));
    let best = 1;
    for (let columns = 2; columns <= count; columns += 1) if (sizeIn(columns) > sizeIn(best)) best = columns;
    grid.style.setProperty("--columns", best);
  }

  function begin(box) {
    box.removeAttribute("data-tight");
    box.style.setProperty("--fit", 1);
    for (const element of box.querySelectorAll("[data-ink]")) element.style.translate = "";
  }

  function giveWay(box) {
    if (box.querySelector("[data-gives-way]") && share(box) < NARROWEST) box.setAttribute("data-tight", "");
  }

  /* All are measured before any is changed: the browser lays the page out once a round. */
  function shrink(sizes) {
    const shares = Array.from(sizes.keys(), (box) => [box, share(box)]).filter(([, found]) => found < 1);
    for (const [box, found] of shares) {
      sizes.set(box, sizes.get(box) * found * SAFETY);
      box.style.setProperty("--fit", sizes.get(box));
    }
    return shares.length > 0;
  }

  function fitWords(box) {
    const overflows = () => box.scrollHeight > box.clientHeight + SLACK || box.scrollWidth > box.clientWidth + SLACK;
    let size = 1;
    box.style.setProperty("--fit", size);
    while (size > SMALLEST_WORDS && overflows()) {
      size *= WORDS_STEP;
      box.style.setProperty("--fit", size);
    }
  }

  function fitAll() {
    for (const box of document.querySelectorAll("[data-fit-words]")) fitWords(box);
    for (const grid of document.querySelectorAll("[data-spread]")) spread(grid);
    const boxes = Array.from(document.querySelectorAll("[data-fit]"));
    for (const box of boxes) begin(box);
    for (const box of boxes) giveWay(box);
    const sizes = new Map(boxes.map((box) => [box, 1]));
    for (let round = 0; round < ROUNDS && shrink(sizes); round += 1);
    for (const box of boxes) settle(box);
  }

  document.addEventListener("live:view", fitAll);
  document.fonts.addEventListener("loadingdone", fitAll);
  window.addEventListener("resize", fitAll);
  fitAll();
})();

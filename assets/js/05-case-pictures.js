/* What is there to see of a case: the photos people brought, and what the camera wall kept for it, as one list.
     citywall.casePictures {ask(caseNo, found), view(picture, {large}), kind(picture), facts(picture)} */
(function () {
  "use strict";
  const { t, h, ask: request, format } = window.citywall;
  const ANSWER_SECONDS = 15;
  const KEPT = { picture: t("视频截图"), clip: t("视频片段") };

  /** An answer with {photos}: each as /photos tells it, then evidence in the same words, where the case has any and one may
      see it (collectors may not). `found` is the case, or a promise of it. What failed is answered as it was refused. */
  async function ask(caseNo, found) {
    const get = (what) => request("GET", `/api/v1/cases/${encodeURIComponent(caseNo)}/${what}`, undefined, { seconds: ANSWER_SECONDS });
    const [photos, known] = await Promise.all([get("photos"), found]);
    if (!photos.ok || !known || !known.evidence.length) return photos;
    const evidence = await get("evidence");
    if (evidence.status === 403) return photos;
    return evidence.ok ? { ...photos, body: { ...photos.body, photos: [...photos.body.photos, ...evidence.body.evidence.map(kept)] } } : evidence;
  }

  function kept({ id, kind, captured_at: takenAt, camera, camera_name: name, preset, sha256, intact, url }) {
    const stored = kind !== null;
    const flags = stored && !intact ? [{ code: "altered", label: t("与登记时的摘要不符") }] : [];
    return { id, kind: "video", kind_label: KEPT[kind] || t("视频证据"), film: kind === "clip", taken_at: takenAt, camera: [name || camera, preset].filter(Boolean).join(" · "), sha256, flags, stored, url, thumb_url: url, metres: null };
  }

  /** The picture itself; of a film its first moment, or when `large` the film. */
  function view(picture, { large = false } = {}) {
    const { film, url, thumb_url: small } = picture;
    const onerror = (event) => event.target.replaceWith(h("span", { class: "picture-lost" }, t("画面读不到")));
    if (film) return h("video", { onerror, src: url, muted: true, preload: large ? "auto" : "metadata", controls: large, "aria-label": kind(picture) });
    return h("img", { onerror, src: large ? url : small || url, alt: kind(picture), ...(large ? {} : { loading: "lazy", decoding: "async" }) });
  }

  function kind(picture) {
    return picture.kind_label || picture.kind;
  }

  /** When it is from, and from where: how far from the case, or which camera. */
  function facts({ taken_at: taken, brought_at: brought, metres, camera }) {
    const at = taken || brought;
    const when = at ? `${taken ? "" : `${t("上传")} `}${format.shortTime(at)}` : t("拍摄时间不详");
    const where = camera || (metres === null || metres === undefined ? t("位置不详") : `${t("距")} ${Math.round(metres)} m`);
    return [when, where].join(" · ");
  }

  window.citywall.casePictures = { ask, view, kind, facts };
})();

interface MediaSourceType {
  new (): MediaSource;
  isTypeSupported(type: string): boolean;
}

/** The iPhone has only the managed kind (iOS 17.1 on); undefined: this browser shows no stream by itself. */
function mediaSourceType(): MediaSourceType | undefined {
  const { ManagedMediaSource, MediaSource: Usual } = window as unknown as {
    readonly ManagedMediaSource?: MediaSourceType;
    readonly MediaSource?: MediaSourceType;
  };
  return Usual ?? ManagedMediaSource;
}

export function mimeOf(codec: string): string {
  return `video/mp4; codecs="${codec}"`;
}

export function hasMediaSource(): boolean {
  return mediaSourceType() !== undefined;
}

export function canPlay(codec: string): boolean {
  return mediaSourceType()?.isTypeSupported(mimeOf(codec)) === true;
}

/** A new media source that fills `video`. The returned function takes it off again. */
export function attachMediaSource(video: HTMLVideoElement): [MediaSource, () => void] {
  const Type = mediaSourceType();
  if (Type === undefined) throw new Error("asked to play without a media source");
  const source = new Type();
  // The managed kind opens only when the picture can't be sent to a television.
  video.disableRemotePlayback = true;
  const url = URL.createObjectURL(source);
  video.src = url;
  return [
    source,
    () => {
      URL.revokeObjectURL(url);
      if (video.src === url) {
        video.removeAttribute("src");
        video.load();
      }
    },
  ];
}

/** Stretches that can be shown. */
export function rangesOf(buffered: TimeRanges): { readonly fromSec: number; readonly toSec: number }[] {
  return Array.from({ length: buffered.length }, (_, index) => ({
    fromSec: buffered.start(index),
    toSec: buffered.end(index),
  }));
}

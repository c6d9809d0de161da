/** User and password of an address; what ffmpeg prints holds the address as it was given. */
const LOGIN_OF_ADDRESS = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*(?:@[^\s/@]*)*@/gi;

/** Takes users and passwords out of every address in a text: `rtsp://admin:x@host` becomes `rtsp://***@host`. */
export function redacted(words: string): string {
  return words.replaceAll(LOGIN_OF_ADDRESS, "$1***@");
}

/** The list with another item in this place. */
export function replaced<T>(list: readonly T[], index: number, item: T): T[] {
  return list.map((each, place) => (place === index ? item : each));
}

/** The list without the item in this place. */
export function without<T>(list: readonly T[], index: number): T[] {
  return list.filter((_each, place) => place !== index);
}

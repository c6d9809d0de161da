import { DAILY_ABBREVIATIONS } from "./abbreviations-daily.ts";
import { STATE_ABBREVIATIONS } from "./abbreviations-state.ts";

/** What Vietnamese offices abbreviate, exactly as they write it. Longer forms win over shorter ones. */
export const ABBREVIATIONS: Readonly<Record<string, string>> = {
  ...STATE_ABBREVIATIONS,
  ...DAILY_ABBREVIATIONS,
};

/** Placed before a name or number they have a meaning that they have nowhere else: `P. 3`, `Q.1`, `TT. Phùng`. */
export const PLACE_PREFIXES: Readonly<Record<string, string>> = {
  "TP.": "thành phố",
  "Tp.": "thành phố",
  "tp.": "thành phố",
  TP: "thành phố",
  Tp: "thành phố",
  "TX.": "thị xã",
  "Tx.": "thị xã",
  TX: "thị xã",
  "TT.": "thị trấn",
  "Tt.": "thị trấn",
  "P.": "phường",
  "Q.": "quận",
  "H.": "huyện",
  "X.": "xã",
  "T.": "tỉnh",
  "KP.": "khu phố",
  "Kp.": "khu phố",
  "TDP.": "tổ dân phố",
  "Đ.": "đường",
  "đ.": "đường",
};

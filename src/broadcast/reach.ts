import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { Targets, Zone } from "./rules/model.ts";
import { reaches } from "./rules/resolve.ts";

/** The speakers meant by targets. Throws a Fault that names what is unknown, or says that nobody would hear it. */
export function mustReach(targets: Targets, zones: readonly Zone[]): Zone[] {
  if (targets.type === "some") {
    const unknown =
      targets.hamlets.find((id) => !zones.some(({ hamlet }) => hamlet === id)) ??
      targets.speakers.find((id) => !zones.some(({ speaker }) => speaker === id));
    if (unknown !== undefined) throw nobodyAt(unknown);
  }
  const meant = zones.filter((zone) => reaches(targets, zone));
  if (meant.length > 0) return meant;
  throw new Fault(
    "not-found",
    text("There is no loudspeaker that would sound it.", "Không có cụm loa nào để phát."),
    { field: "targets", hint: text("Add a loudspeaker first.", "Hãy thêm cụm loa trước.") },
  );
}

function nobodyAt(place: string): Fault {
  return new Fault(
    "not-found",
    text(`There is no loudspeaker at “${place}”.`, `Không có cụm loa nào ở “${place}”.`),
    {
      field: "targets",
      hint: text("Choose a hamlet that has loudspeakers.", "Hãy chọn thôn có cụm loa."),
    },
  );
}

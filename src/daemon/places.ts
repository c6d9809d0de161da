import type { Zone } from "../broadcast/rules/model.ts";
import type { RadioBox } from "../broadcast/streams/box-feeds.ts";
import type { Registry } from "../speakers/registry.ts";

/** Every speaker with its hamlet's rules, read anew when the registry has changed. */
export function zonesOf(registry: Registry): () => readonly Zone[] {
  let zones: readonly Zone[] | undefined;
  registry.onChange(() => {
    zones = undefined;
  });
  return () => {
    if (zones !== undefined) return zones;
    const hamlets = new Map(registry.hamlets.all().map((hamlet) => [hamlet.id, hamlet]));
    zones = registry.speakers.all().map(({ id, hamlet }) => ({
      speaker: id,
      hamlet,
      quietHours: hamlets.get(hamlet)?.quietHours ?? [],
      caps: hamlets.get(hamlet)?.caps ?? {},
    }));
    return zones;
  };
}

/** The radio boxes, as the audio server serves them. */
export function boxesOf(registry: Registry): () => readonly RadioBox[] {
  return () =>
    registry.speakers.all().flatMap((speaker): RadioBox[] => {
      const { streamToken } = speaker;
      if (streamToken === undefined) return [];
      const { codecs, variant, idle, quirks } = registry.speakers.profileOf(speaker);
      const format =
        variant === "sim" ? { kbps: 32, sampleRateHz: 24_000 } : { kbps: 64, sampleRateHz: 44_100 };
      const [codec] = codecs;
      const kbps = codec?.kbps.includes(format.kbps) === false ? codec.kbps[0] : format.kbps;
      return [
        {
          speaker: speaker.id,
          name: speaker.name,
          streamToken,
          format: { ...format, kbps: kbps ?? format.kbps },
          idle,
          ...quirks,
        },
      ];
    });
}

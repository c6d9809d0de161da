import { useState, type ReactNode } from "react";
import type { Speaker } from "../shapes.ts";
import { EventRulesEditor } from "./event-rules-editor.tsx";
import { HoursEditor } from "./hours-editor.tsx";
import { ROLE_NAME, type CameraSettings, type WatchRole } from "./settings-shapes.ts";

interface SettingsFormProps {
  readonly settings: CameraSettings;
  readonly speakers: readonly Pick<Speaker, "id" | "name">[];
  readonly busy: boolean;
  readonly onSave: (settings: CameraSettings) => void;
  /** What stands above the button: how the saving went. */
  readonly children?: ReactNode;
}

/** Everything a person sets of a camera. */
export function SettingsForm({ settings, speakers, busy, onSave, children }: SettingsFormProps): ReactNode {
  const [draft, setDraft] = useState(settings);
  const set = (change: Partial<CameraSettings>): void => setDraft({ ...draft, ...change });
  return (
    <form
      className="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        onSave(draft);
      }}
    >
      <Naming draft={draft} set={set} />
      <Keeping draft={draft} set={set} />
      <Watching draft={draft} set={set} />
      <HoursEditor
        name="Giờ tạm dừng vì riêng tư (không ghi, không xem trực tiếp)"
        hours={draft.pauseHours}
        onChange={(pauseHours) => set({ pauseHours })}
      />
      <HoursEditor
        name="Giờ tự giữ thành đoạn trích"
        hours={draft.clipHours}
        onChange={(clipHours) => set({ clipHours })}
      />
      <EventRulesEditor
        rules={draft.eventRules}
        speakers={speakers}
        onChange={(eventRules) => set({ eventRules })}
      />
      <Disk draft={draft} set={set} />
      {children}
      <button className="main-action" disabled={busy}>
        {busy ? "Đang lưu…" : "Lưu cài đặt"}
      </button>
    </form>
  );
}

interface PartProps {
  readonly draft: CameraSettings;
  readonly set: (change: Partial<CameraSettings>) => void;
}

function Naming({ draft, set }: PartProps): ReactNode {
  return (
    <>
      <label>
        Tên camera
        <input
          value={draft.name}
          required
          maxLength={200}
          onChange={({ target }) => set({ name: target.value })}
        />
      </label>
      <label>
        Nơi lắp, như ghi trên biển thông báo
        <input
          value={draft.place}
          required
          maxLength={200}
          onChange={({ target }) => set({ place: target.value })}
        />
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={draft.enabled}
          onChange={({ target }) => set({ enabled: target.checked })}
        />{" "}
        Đang dùng (bỏ dấu là ngừng ghi)
      </label>
    </>
  );
}

function Keeping({ draft, set }: PartProps): ReactNode {
  return (
    <>
      <label>
        Mục đích ghi hình (bắt buộc theo luật, in trên biển)
        <textarea
          value={draft.purpose}
          required
          maxLength={1_000}
          rows={3}
          onChange={({ target }) => set({ purpose: target.value })}
        />
      </label>
      <label>
        Lưu bao nhiêu ngày
        <Days value={draft.retentionDays} onChange={(retentionDays) => set({ retentionDays })} />
      </label>
      <label>
        Vì sao lưu chừng ấy ngày
        <input
          value={draft.retentionReason}
          required
          maxLength={1_000}
          onChange={({ target }) => set({ retentionReason: target.value })}
        />
      </label>
      <label>
        Đoạn trích do sự kiện lưu bao nhiêu ngày
        <Days
          value={draft.eventRetentionDays}
          onChange={(eventRetentionDays) => set({ eventRetentionDays })}
        />
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={draft.audio}
          onChange={({ target }) => set({ audio: target.checked })}
        />{" "}
        Ghi cả âm thanh
      </label>
      {draft.audio && (
        <p className="notice">
          Ghi giọng nói xâm phạm riêng tư nhiều hơn ghi hình: mục đích ở trên phải nói rõ vì sao cần ghi âm,
          và biển thông báo phải in lại.
        </p>
      )}
    </>
  );
}

function Watching({ draft: { watchRoles }, set }: PartProps): ReactNode {
  const toggle = (role: WatchRole): void =>
    set({
      watchRoles: watchRoles.includes(role)
        ? watchRoles.filter((each) => each !== role)
        : [...watchRoles, role],
    });
  return (
    <fieldset>
      <legend>Ai được xem (quản trị luôn được xem)</legend>
      {Object.entries(ROLE_NAME).map(([role, name]) => (
        <label key={role} className="check">
          <input
            type="checkbox"
            checked={watchRoles.includes(role as WatchRole)}
            onChange={() => toggle(role as WatchRole)}
          />{" "}
          {name}
        </label>
      ))}
    </fieldset>
  );
}

const GIGABYTE = 1e9;

function Disk({ draft, set }: PartProps): ReactNode {
  const { quotaBytes, priority, mayCorrectClock } = draft;
  return (
    <details>
      <summary>Ổ đĩa và đồng hồ</summary>
      <div className="stacked">
        <label>
          Chiếm tối đa bao nhiêu GB (để trống: chỉ giới hạn theo ngày)
          <input
            className="short"
            type="number"
            min={1}
            step={1}
            value={quotaBytes === null ? "" : Math.round(quotaBytes / GIGABYTE)}
            onChange={({ target: { valueAsNumber: gigabytes } }) =>
              set({ quotaBytes: Number.isNaN(gigabytes) ? null : Math.round(gigabytes) * GIGABYTE })
            }
          />
        </label>
        <label>
          Khi ổ đĩa đầy, số nhỏ được giữ lâu hơn (1 đến 9)
          <input
            className="short"
            type="number"
            min={1}
            max={9}
            required
            value={priority}
            onChange={({ target }) => set({ priority: Math.round(target.valueAsNumber || 1) })}
          />
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={mayCorrectClock}
            onChange={({ target }) => set({ mayCorrectClock: target.checked })}
          />{" "}
          Bộ điều khiển được chỉnh đồng hồ của camera
        </label>
      </div>
    </details>
  );
}

interface DaysProps {
  readonly value: number;
  readonly onChange: (days: number) => void;
}

function Days({ value, onChange }: DaysProps): ReactNode {
  return (
    <input
      className="short"
      type="number"
      min={1}
      max={365}
      required
      value={value}
      onChange={({ target }) => onChange(Math.round(target.valueAsNumber || 1))}
    />
  );
}

import type { ReactNode } from "react";
import type { Speaker } from "../shapes.ts";
import { HoursEditor } from "./hours-editor.tsx";
import { replaced, without } from "./list-edit.ts";
import type { EventAction, EventKind, EventRule } from "./settings-shapes.ts";

interface EventRulesEditorProps {
  readonly rules: readonly EventRule[];
  readonly speakers: readonly Pick<Speaker, "id" | "name">[];
  readonly onChange: (rules: readonly EventRule[]) => void;
}

const KIND: Record<EventKind, string> = {
  motion: "Có chuyển động",
  tamper: "Camera bị che, bị xoay",
  input: "Nút bấm hoặc cảm biến nối vào camera",
  other: "Sự kiện khác",
};

const ACTION: Record<EventAction, string> = {
  bookmark: "Đánh dấu trên dòng thời gian",
  clip: "Giữ lại đoạn trích",
  notify: "Báo trên trang này",
  say: "Đọc một câu ra loa",
};

const FRESH: EventRule = {
  on: "motion",
  actions: ["bookmark"],
  preRollSec: 10,
  postRollSec: 20,
  say: null,
  quietForSec: 60,
  hours: [],
};

/** What happens when the camera reports something. */
export function EventRulesEditor({ rules, speakers, onChange }: EventRulesEditorProps): ReactNode {
  return (
    <fieldset>
      <legend>Khi camera báo sự kiện</legend>
      {rules.length === 0 && <p className="empty">Chưa đặt quy tắc nào; sự kiện chỉ được ghi lại.</p>}
      {rules.map((rule, index) => (
        <Rule
          key={index}
          name={`Quy tắc ${index + 1}`}
          rule={rule}
          speakers={speakers}
          onChange={(changed) => onChange(replaced(rules, index, changed))}
          onRemove={() => onChange(without(rules, index))}
        />
      ))}
      <button type="button" onClick={() => onChange([...rules, FRESH])}>
        Thêm quy tắc
      </button>
    </fieldset>
  );
}

interface RuleProps {
  readonly name: string;
  readonly rule: EventRule;
  readonly speakers: EventRulesEditorProps["speakers"];
  readonly onChange: (rule: EventRule) => void;
  readonly onRemove: () => void;
}

function Rule({ name, rule, speakers, onChange, onRemove }: RuleProps): ReactNode {
  const { on, actions, hours } = rule;
  const toggle = (action: EventAction): void => {
    const had = actions.includes(action);
    const next = had ? actions.filter((each) => each !== action) : [...actions, action];
    const say = action === "say" ? (had ? null : { text: "", speakers: [] }) : rule.say;
    onChange({ ...rule, actions: next, say });
  };
  const count = (field: "preRollSec" | "postRollSec" | "quietForSec", label: string): ReactNode => (
    <label>
      {label}
      <input
        className="short"
        type="number"
        min={0}
        max={3_600}
        required
        value={rule[field]}
        onChange={({ target }) =>
          onChange({ ...rule, [field]: Math.max(0, Math.round(target.valueAsNumber || 0)) })
        }
      />
    </label>
  );
  return (
    <div className="stretch stacked" role="group" aria-label={name}>
      <label>
        {name}: khi
        <select value={on} onChange={({ target }) => onChange({ ...rule, on: target.value as EventKind })}>
          {Object.entries(KIND).map(([value, said]) => (
            <option key={value} value={value}>
              {said}
            </option>
          ))}
        </select>
      </label>
      <div>
        {Object.entries(ACTION).map(([action, said]) => (
          <label key={action} className="check">
            <input
              type="checkbox"
              checked={actions.includes(action as EventAction)}
              onChange={() => toggle(action as EventAction)}
            />{" "}
            {said}
          </label>
        ))}
      </div>
      {actions.includes("clip") && (
        <div className="bar">
          {count("preRollSec", "Giữ thêm trước (giây)")}
          {count("postRollSec", "Giữ thêm sau (giây)")}
        </div>
      )}
      {rule.say !== null && (
        <Say say={rule.say} speakers={speakers} onChange={(say) => onChange({ ...rule, say })} />
      )}
      {count("quietForSec", "Không làm lại trong (giây)")}
      <HoursEditor
        name={`${name}: chỉ trong các giờ (để trống là mọi lúc)`}
        hours={hours}
        onChange={(changed) => onChange({ ...rule, hours: changed })}
      />
      <button type="button" onClick={onRemove}>
        Bỏ {name.toLowerCase()}
      </button>
    </div>
  );
}

type Saying = NonNullable<EventRule["say"]>;

interface SayProps {
  readonly say: Saying;
  readonly speakers: EventRulesEditorProps["speakers"];
  readonly onChange: (say: Saying) => void;
}

function Say({ say, speakers, onChange }: SayProps): ReactNode {
  const toggle = (id: string): void =>
    onChange({
      ...say,
      speakers: say.speakers.includes(id)
        ? say.speakers.filter((each) => each !== id)
        : [...say.speakers, id],
    });
  return (
    <>
      <label>
        Câu đọc ra loa
        <input
          value={say.text}
          required
          maxLength={500}
          onChange={({ target }) => onChange({ ...say, text: target.value })}
        />
      </label>
      <fieldset>
        <legend>Đọc ở loa</legend>
        {speakers.length === 0 && <p className="empty">Chưa có cụm loa nào.</p>}
        {speakers.map(({ id, name }) => (
          <label key={id} className="check">
            <input type="checkbox" checked={say.speakers.includes(id)} onChange={() => toggle(id)} /> {name}
          </label>
        ))}
      </fieldset>
    </>
  );
}

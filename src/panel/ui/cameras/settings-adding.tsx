import { useState, type ReactNode } from "react";
import type { Call } from "../api.ts";
import type { PageProps } from "../page-props.ts";
import { mayAct } from "../roles.ts";
import { hrefOf } from "../routes.ts";
import type { Said } from "../shapes.ts";
import { Problem } from "./problem.tsx";
import { SettingsFinding, type Finding } from "./settings-finding.tsx";
import { SettingsSearch } from "./settings-search.tsx";
import { useOrder } from "./use-order.ts";
import { useReading } from "./use-reading.ts";

interface Examination {
  readonly findings: readonly Finding[];
  /** Null: nothing there can be recorded; the findings say why. */
  readonly camera: { readonly identity: { readonly manufacturer: string; readonly model: string } } | null;
}

interface Profile {
  readonly id: string;
  readonly name: Said;
  /** How ONVIF is switched on, where that is not done already. */
  readonly enabling: Said | null;
}

/** From a camera in the network to one that is recorded: find it, log in, say what it is for. */
export function AddCameraPage(props: PageProps): ReactNode {
  if (!mayAct(props.me, "technician")) {
    return <p className="notice">Chỉ kỹ thuật viên hoặc quản trị thêm được camera.</p>;
  }
  return <Adding {...props} />;
}

/** What is typed of a camera's address and login, as the hall takes it. */
interface Reach {
  readonly host: string;
  readonly port?: number;
  readonly user: string;
  readonly password: string;
  readonly profile?: string;
  readonly streamUrl?: string;
}

interface Typed {
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly password: string;
  readonly profile: string;
  readonly streamUrl: string;
}

const UNTYPED: Typed = { host: "", port: "", user: "admin", password: "", profile: "", streamUrl: "" };

function reachOf({ host, port, user, password, profile, streamUrl }: Typed): Reach {
  return {
    host: host.trim(),
    user: user.trim(),
    password,
    ...(port.trim() !== "" && { port: Number(port) }),
    ...(profile !== "" && { profile }),
    ...(streamUrl.trim() !== "" && { streamUrl: streamUrl.trim() }),
  };
}

function Adding({ call, events }: PageProps): ReactNode {
  const [typed, setTyped] = useState(UNTYPED);
  const [seen, setSeen] = useState<Examination>();
  const { busy, refused, run } = useOrder();
  const { value } = useReading<{ readonly profiles: readonly Profile[] }>("/camera-profiles", {
    call,
    events,
    isNews: () => false,
  });
  const type = (change: Partial<Typed>): void => {
    setSeen(undefined);
    setTyped({ ...typed, ...change });
  };
  const probe = async (): Promise<void> => {
    setSeen(undefined);
    await run(async () => {
      setSeen(await call<Examination>("POST", "/cameras/probe", { body: reachOf(typed) }));
    });
  };
  return (
    <>
      <h2>Thêm camera</h2>
      <div className="columns">
        <SettingsSearch call={call} onChoose={({ host, port }) => type({ host, port: String(port) })} />
        <section aria-labelledby="reach">
          <h3 id="reach">2. Đăng nhập và kiểm tra</h3>
          <ReachForm
            typed={typed}
            profiles={value?.profiles ?? []}
            busy={busy}
            onType={type}
            onProbe={probe}
          />
          <Problem refused={refused} />
          {seen !== undefined && (
            <ul className="rows" aria-label="Kết quả kiểm tra">
              {seen.findings.map((finding) => (
                <SettingsFinding key={finding.id} finding={finding} />
              ))}
            </ul>
          )}
          {seen?.camera === null && (
            <p className="problem" role="alert">
              Chưa thêm được camera này. Hãy làm theo các dòng “Lỗi” ở trên rồi kiểm tra lại.
            </p>
          )}
        </section>
        {seen?.camera != null && <Naming reach={reachOf(typed)} camera={seen.camera} call={call} />}
      </div>
    </>
  );
}

interface ReachFormProps {
  readonly typed: Typed;
  readonly profiles: readonly Profile[];
  readonly busy: boolean;
  readonly onType: (change: Partial<Typed>) => void;
  readonly onProbe: () => Promise<void>;
}

function ReachForm({ typed, profiles, busy, onType, onProbe }: ReachFormProps): ReactNode {
  const enabling = profiles.find(({ id }) => id === typed.profile)?.enabling;
  return (
    <form
      className="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        void onProbe();
      }}
    >
      <label>
        Địa chỉ của camera
        <input
          value={typed.host}
          required
          maxLength={255}
          placeholder="192.168.1.64"
          onChange={({ target }) => onType({ host: target.value })}
        />
      </label>
      <label>
        Tài khoản trên camera
        <input
          value={typed.user}
          maxLength={64}
          autoComplete="off"
          onChange={({ target }) => onType({ user: target.value })}
        />
      </label>
      <label>
        Mật khẩu của camera
        <input
          value={typed.password}
          type="password"
          maxLength={200}
          autoComplete="new-password"
          onChange={({ target }) => onType({ password: target.value })}
        />
      </label>
      <details>
        <summary>Nâng cao: hãng, cổng, địa chỉ luồng RTSP</summary>
        <div className="stacked">
          <label>
            Hãng
            <select value={typed.profile} onChange={({ target }) => onType({ profile: target.value })}>
              <option value="">Tự nhận biết</option>
              {profiles.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name.vi}
                </option>
              ))}
            </select>
          </label>
          {enabling != null && <p className="count">{enabling.vi}</p>}
          <label>
            Cổng ONVIF (để trống: thử các cổng thường gặp)
            <input
              className="short"
              value={typed.port}
              inputMode="numeric"
              pattern="[0-9]{1,5}"
              title="Một số từ 1 đến 65535"
              onChange={({ target }) => onType({ port: target.value })}
            />
          </label>
          <label>
            Địa chỉ luồng, chỉ cho camera không có ONVIF
            <input
              value={typed.streamUrl}
              maxLength={500}
              placeholder="rtsp://192.168.1.64:554/…"
              onChange={({ target }) => onType({ streamUrl: target.value })}
            />
          </label>
        </div>
      </details>
      <button className="main-action" disabled={busy}>
        {busy ? "Đang kiểm tra camera…" : "Kiểm tra camera"}
      </button>
    </form>
  );
}

interface NamingProps {
  readonly reach: Reach;
  readonly camera: NonNullable<Examination["camera"]>;
  readonly call: Call;
}

/** The law asks for a purpose before the first picture is kept, so it is asked for here. */
function Naming({ reach, camera: { identity }, call }: NamingProps): ReactNode {
  const { busy, refused, run } = useOrder();
  const add = async (form: FormData): Promise<void> => {
    const body = {
      ...reach,
      name: form.get("name"),
      place: form.get("place"),
      purpose: form.get("purpose"),
      retentionDays: Number(form.get("days")),
      retentionReason: form.get("why"),
    };
    await run(async () => {
      const { camera } = await call<{ readonly camera: { readonly id: string } }>("POST", "/cameras", {
        body,
      });
      window.location.hash = hrefOf("live", { camera: camera.id });
    });
  };
  return (
    <section aria-labelledby="naming">
      <h3 id="naming">3. Đặt tên, ghi mục đích</h3>
      <p className="count">
        Đã thấy {identity.manufacturer} {identity.model}. Camera ghi ngay khi được thêm.
      </p>
      <form
        className="stacked"
        onSubmit={(event) => {
          event.preventDefault();
          void add(new FormData(event.currentTarget));
        }}
      >
        <label>
          Tên camera
          <input name="name" required maxLength={200} placeholder="Quầy 2" />
        </label>
        <label>
          Nơi lắp, như ghi trên biển thông báo
          <input name="place" required maxLength={200} placeholder="Bộ phận Một cửa, quầy 2" />
        </label>
        <label>
          Mục đích ghi hình (bắt buộc theo luật)
          <textarea name="purpose" required maxLength={1_000} rows={3} />
        </label>
        <label>
          Lưu bao nhiêu ngày
          <input name="days" className="short" type="number" min={1} max={365} required defaultValue={30} />
        </label>
        <label>
          Vì sao lưu chừng ấy ngày
          <input
            name="why"
            required
            maxLength={1_000}
            defaultValue="Đủ thời gian giải quyết phản ánh, khiếu nại của người dân"
          />
        </label>
        <Problem refused={refused} />
        <button className="main-action" disabled={busy}>
          {busy ? "Đang thêm…" : "Thêm camera"}
        </button>
      </form>
    </section>
  );
}

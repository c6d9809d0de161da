import { expect, test } from "vitest";
import { readAloud } from "../../../../src/broadcast/rules/reading/read-text.ts";

type Case = readonly [written: string, read: string];

function check(written: string, read: string): void {
  expect(readAloud(written).readText).toBe(read);
}

const DATES: readonly Case[] = [
  ["02/9/2026", "ngày hai tháng chín năm hai nghìn không trăm hai mươi sáu"],
  ["ngày 02/9/2026", "ngày hai tháng chín năm hai nghìn không trăm hai mươi sáu"],
  ["Ngày 02-09-2026", "Ngày hai tháng chín năm hai nghìn không trăm hai mươi sáu"],
  ["02.9.2026", "ngày hai tháng chín năm hai nghìn không trăm hai mươi sáu"],
  ["2026-09-02", "ngày hai tháng chín năm hai nghìn không trăm hai mươi sáu"],
  ["30/4/1975", "ngày ba mươi tháng tư năm một nghìn chín trăm bảy mươi lăm"],
  ["ngày 2-9", "ngày hai tháng chín"],
  ["ngày 2/9", "ngày hai tháng chín"],
  ["lễ 2/9", "lễ ngày hai tháng chín"],
  ["30/4 và 1/5", "ngày ba mươi tháng tư và ngày một tháng năm"],
  ["sáng 15/8", "sáng ngày mười lăm tháng tám"],
  ["thứ Hai (3/8)", "thứ Hai, ngày ba tháng tám"],
  ["thứ 7 (ngày 5/9)", "thứ bảy, ngày năm tháng chín"],
  ["mồng 1/1", "mồng một tháng một"],
  ["từ 1/9 đến 5/9", "từ ngày một tháng chín đến ngày năm tháng chín"],
  [
    "từ ngày 1/9 - 5/9/2026",
    "từ ngày một tháng chín đến ngày năm tháng chín năm hai nghìn không trăm hai mươi sáu",
  ],
  ["ngày 2-5/9", "ngày hai đến năm tháng chín"],
  ["ngày 2, 3 và 4/9", "ngày hai, ba và ngày bốn tháng chín"],
  ["12/2026", "tháng mười hai năm hai nghìn không trăm hai mươi sáu"],
  ["tháng 12/2026", "tháng mười hai năm hai nghìn không trăm hai mươi sáu"],
  ["tháng 4/2026", "tháng tư năm hai nghìn không trăm hai mươi sáu"],
  ["tháng 4 năm 2026", "tháng tư năm hai nghìn không trăm hai mươi sáu"],
  ["tháng 04", "tháng tư"],
  ["T4/2026", "tháng tư năm hai nghìn không trăm hai mươi sáu"],
  ["T12/2026", "tháng mười hai năm hai nghìn không trăm hai mươi sáu"],
  ["quý 4/2026", "quý bốn năm hai nghìn không trăm hai mươi sáu"],
  ["đợt 2/2026", "đợt hai năm hai nghìn không trăm hai mươi sáu"],
  ["năm 2026", "năm hai nghìn không trăm hai mươi sáu"],
  ["năm học 2026-2027", "năm học hai nghìn không trăm hai mươi sáu đến hai nghìn không trăm hai mươi bảy"],
  ["giai đoạn 2026 – 2030", "giai đoạn hai nghìn không trăm hai mươi sáu đến hai nghìn không trăm ba mươi"],
  ["ngày 05 tháng 02 năm 2026", "ngày năm tháng hai năm hai nghìn không trăm hai mươi sáu"],
];

const FRACTIONS_AND_HOUSES: readonly Case[] = [
  ["1/2 số hộ", "một phần hai số hộ"],
  ["3/4 diện tích", "ba phần tư diện tích"],
  ["2/3", "hai phần ba"],
  ["43/44 cụm loa", "bốn mươi ba trên bốn mươi tư cụm loa"],
  ["đạt 19/19 tiêu chí", "đạt mười chín trên mười chín tiêu chí"],
  ["số nhà 12/5", "số nhà mười hai trên năm"],
  ["ngõ 3/4", "ngõ ba trên bốn"],
  ["hẻm 12A/5/3", "hẻm mười hai a trên năm trên ba"],
  ["24/7", "hai mươi tư trên bảy"],
  ["24/24h", "hai mươi tư trên hai mươi tư giờ"],
  ["điểm 8,5/10", "điểm tám phẩy năm trên mười"],
  ["trạm 35/0,4kV", "trạm ba mươi lăm trên không phẩy bốn ki lô vôn"],
  ["trực 24/24", "trực hai mươi tư trên hai mươi tư giờ"],
];

const TIMES: readonly Case[] = [
  ["6h30", "sáu giờ ba mươi phút"],
  ["06:30", "sáu giờ ba mươi phút"],
  ["6h30'", "sáu giờ ba mươi phút"],
  ["6h30p", "sáu giờ ba mươi phút"],
  ["6 h 30", "sáu giờ ba mươi phút"],
  ["17h", "mười bảy giờ"],
  ["17H00", "mười bảy giờ"],
  ["17h00", "mười bảy giờ"],
  ["6h05", "sáu giờ năm phút"],
  ["0h15", "không giờ mười lăm phút"],
  ["24h", "hai mươi tư giờ"],
  ["06:30:15", "sáu giờ ba mươi phút mười lăm giây"],
  ["7g30", "bảy giờ ba mươi phút"],
  ["7g sáng", "bảy giờ sáng"],
  ["7h–9h", "bảy giờ đến chín giờ"],
  ["7h-9h30", "bảy giờ đến chín giờ ba mươi phút"],
  ["7h30 - 9h", "bảy giờ ba mươi phút đến chín giờ"],
  ["07:00-09:00", "bảy giờ đến chín giờ"],
  ["7-9h", "bảy đến chín giờ"],
  ["từ 7h đến 9h", "từ bảy giờ đến chín giờ"],
  ["7 giờ 30 phút", "bảy giờ ba mươi phút"],
  ["trong 48h", "trong bốn mươi tám giờ"],
  ["khoảng 45'", "khoảng bốn mươi lăm phút"],
  ["lúc 7h30 sáng 2/9", "lúc bảy giờ ba mươi phút sáng ngày hai tháng chín"],
];

const MONEY: readonly Case[] = [
  ["12.500.000 đồng", "mười hai triệu năm trăm nghìn đồng"],
  ["12.500.000đ", "mười hai triệu năm trăm nghìn đồng"],
  ["12.500.000 VNĐ", "mười hai triệu năm trăm nghìn đồng"],
  ["12.500.000,00 đồng", "mười hai triệu năm trăm nghìn đồng"],
  ["1,500,000 VND", "một triệu năm trăm nghìn đồng"],
  ["12,500 đồng", "mười hai nghìn năm trăm đồng"],
  ["12 500 000 đ", "mười hai triệu năm trăm nghìn đồng"],
  ["500k", "năm trăm nghìn"],
  ["500K", "năm trăm nghìn"],
  ["1,5 tỷ", "một phẩy năm tỷ"],
  ["1,5 tỷ đồng", "một phẩy năm tỷ đồng"],
  ["2 tỉ đồng", "hai tỷ đồng"],
  ["3 triệu đồng", "ba triệu đồng"],
  ["2tr", "hai triệu"],
  ["2tr5", "hai triệu rưỡi"],
  ["1tr2", "một triệu hai"],
  ["500.000đ/hộ", "năm trăm nghìn đồng một hộ"],
  ["500.000 đồng/người/tháng", "năm trăm nghìn đồng một người một tháng"],
  ["15.000đ/kg", "mười lăm nghìn đồng một ki lô gam"],
  ["$100", "một trăm đô la"],
  ["100 USD", "một trăm đô la Mỹ"],
  ["200k - 500k", "hai trăm nghìn đến năm trăm nghìn"],
  ["1-2 triệu đồng", "một đến hai triệu đồng"],
  ["1.000.000.000 đồng", "một tỷ đồng"],
];

const PHONES_AND_CODES: readonly Case[] = [
  ["0912345678", "không chín một hai, ba bốn năm, sáu bảy tám"],
  ["0912.345.678", "không chín một hai, ba bốn năm, sáu bảy tám"],
  ["0912 345 678", "không chín một hai, ba bốn năm, sáu bảy tám"],
  ["091.234.5678", "không chín một, hai ba bốn, năm sáu bảy tám"],
  ["(024) 3822 1234", "không hai bốn, ba tám hai hai, một hai ba bốn"],
  ["024.38221234", "không hai bốn, ba tám hai hai một hai ba bốn"],
  ["+84 912 345 678", "cộng tám bốn, chín một hai, ba bốn năm, sáu bảy tám"],
  ["+84912345678", "cộng tám bốn, chín một hai, ba bốn năm, sáu bảy tám"],
  ["1900 6067", "một chín không không, sáu không sáu bảy"],
  ["18001234", "một tám không không, một hai ba bốn"],
  ["gọi 113", "gọi một một ba"],
  ["Gọi ngay 114 hoặc 115", "Gọi ngay một một bốn hoặc một một năm"],
  ["tổng đài 111", "tổng đài một một một"],
  ["115 hộ", "một trăm mười lăm hộ"],
  ["CCCD 001085012345", "căn cước công dân không không một, không tám năm, không một hai, ba bốn năm"],
  ["STK: 7110123456789", "số tài khoản: bảy một một, không một hai, ba bốn năm, sáu bảy tám chín"],
  ["29A-123.45", "hai chín a, một hai ba bốn năm"],
  ["51F-12345", "năm một ép, một hai ba bốn năm"],
  ["29-B1 123.45", "hai chín bê một, một hai ba bốn năm"],
  ["30H-1234", "ba không hát, một hai ba bốn"],
  ["xatanan@gmail.com", "xat an an a còng gờ meo chấm com"],
  ["https://dichvucong.gov.vn", "dịch vụ công chấm gốp chấm vê nờ"],
  [
    "www.baohiem.gov.vn/tra-cuu",
    "vê kép vê kép vê kép chấm bảo hiểm chấm gốp chấm vê nờ gạch chéo tra gạch ngang cuu",
  ],
  ["khu A1", "khu a một"],
  ["lớp 5A", "lớp năm a"],
  ["mạng 4G", "mạng bốn gờ"],
  ["thông điệp 5K", "thông điệp năm ca"],
  ["loa số 007", "loa số không không bảy"],
];

const DOCUMENTS: readonly Case[] = [
  ["Số 12/2026/QĐ-UBND", "Số mười hai năm hai nghìn không trăm hai mươi sáu, quyết định ủy ban nhân dân"],
  ["số 30/2020/NĐ-CP", "số ba mươi năm hai nghìn không trăm hai mươi, nghị định chính phủ"],
  ["Luật số 15/2012/QH13", "Luật số mười lăm năm hai nghìn không trăm mười hai, quốc hội khóa mười ba"],
  ["08/2022/TT-BYT", "tám năm hai nghìn không trăm hai mươi hai, thông tư bộ y tế"],
  ["công văn 45/UBND", "công văn bốn mươi lăm, ủy ban nhân dân"],
  ["45/BC-UBND", "bốn mươi lăm, báo cáo ủy ban nhân dân"],
  ["102/KH-UBND", "một trăm linh hai, kế hoạch ủy ban nhân dân"],
  ["07/NQ-HĐND", "bảy, nghị quyết hội đồng nhân dân"],
  ["16/CT-TTg", "mười sáu, chỉ thị thủ tướng chính phủ"],
  [
    "39/2020/TT-BTTTT",
    "ba mươi chín năm hai nghìn không trăm hai mươi, thông tư bộ thông tin và truyền thông",
  ],
  ["QĐ-UBND", "quyết định ủy ban nhân dân"],
  ["NĐ-CP", "nghị định chính phủ"],
  ["TT-BYT", "thông tư bộ y tế"],
];

const ABBREVIATED: readonly Case[] = [
  ["UBND xã", "ủy ban nhân dân xã"],
  ["UBND", "ủy ban nhân dân"],
  ["HĐND", "hội đồng nhân dân"],
  ["HĐND&UBND", "hội đồng nhân dân và ủy ban nhân dân"],
  ["MTTQ Việt Nam", "mặt trận tổ quốc Việt Nam"],
  ["UBMTTQ", "ủy ban mặt trận tổ quốc"],
  ["CCCD", "căn cước công dân"],
  ["BHYT", "bảo hiểm y tế"],
  ["BHXH", "bảo hiểm xã hội"],
  ["thẻ BHYT, BHXH.", "thẻ bảo hiểm y tế, bảo hiểm xã hội."],
  ["PCTT&TKCN", "phòng chống thiên tai và tìm kiếm cứu nạn"],
  ["PCCC", "phòng cháy chữa cháy"],
  ["ANTT", "an ninh trật tự"],
  ["THCS và THPT", "trung học cơ sở và trung học phổ thông"],
  ["HTX Tân Tiến", "hợp tác xã Tân Tiến"],
  ["TTHC", "thủ tục hành chính"],
  ["VNeID", "vi nít i đi"],
  ["Đ/c Chủ tịch", "đồng chí Chủ tịch"],
  ["V/v phòng dịch", "về việc phòng dịch"],
  ["rau, củ, v.v.", "rau, củ, vân vân"],
  ["TP. Hà Nội", "thành phố Hà Nội"],
  ["TP.HCM", "thành phố Hồ Chí Minh"],
  ["TX. Sơn Tây", "thị xã Sơn Tây"],
  ["TT. Phùng", "thị trấn Phùng"],
  ["P.3, Q.1", "phường ba, quận một"],
  ["P. Bến Nghé", "phường Bến Nghé"],
  ["Q. 10", "quận mười"],
  ["KP 4", "khu phố bốn"],
  ["KP3", "khu phố ba"],
  ["TDP số 5", "tổ dân phố số năm"],
  ["TDP5", "tổ dân phố năm"],
  ["QL1A", "quốc lộ một a"],
  ["QL.5", "quốc lộ năm"],
  ["ĐT.743", "đường tỉnh bảy bốn ba"],
  ["đường ĐH.05", "đường huyện năm"],
  ["bão YAGI", "bão ya gi"],
  ["bà Hoa (SN 1965)", "bà Hoa, sinh năm một nghìn chín trăm sáu mươi lăm"],
  ["XYZ", "ích y dét"],
  ["bà B.", "bà B."],
  ["THÔNG BÁO KHẨN", "THÔNG BÁO KHẨN"],
  ["ĐÊM CA NHẠC", "ĐÊM CA NHẠC"],
  ["CA xã", "công an xã"],
  ["Zalo, Facebook", "da lô, phây búc"],
  ["KHUYẾN NÔNG", "KHUYẾN NÔNG"],
];

const COUNTED: readonly Case[] = [
  ["quý IV", "quý bốn"],
  ["quý IV/2026", "quý bốn năm hai nghìn không trăm hai mươi sáu"],
  ["quý I, II và III", "quý một, hai và ba"],
  ["khóa XV", "khóa mười lăm"],
  ["thế kỷ XXI", "thế kỷ hai mươi mốt"],
  ["Đại hội lần thứ XIV", "Đại hội lần thứ mười bốn"],
  ["lần thứ I", "lần thứ nhất"],
  ["lần thứ IV", "lần thứ tư"],
  ["Chương II", "Chương hai"],
  ["Mục C", "Mục một trăm"],
  ["khu C", "khu C"],
  ["I. Tình hình chung", "một. Tình hình chung"],
  ["lần thứ 1", "lần thứ nhất"],
  ["thứ 4", "thứ tư"],
  ["thứ 2, 4, 6", "thứ hai, tư, sáu"],
  ["thứ 2 - thứ 6", "thứ hai đến thứ sáu"],
  ["thứ 5 hàng tuần", "thứ năm hàng tuần"],
  ["T2-T6", "thứ hai đến thứ sáu"],
  ["T7, CN", "thứ bảy, chủ nhật"],
  ["mục 1.2.3", "mục một chấm hai chấm ba"],
  ["công nghiệp 4.0", "công nghiệp bốn chấm không"],
];

const QUANTITIES: readonly Case[] = [
  ["5-10 kg", "năm đến mười ki lô gam"],
  ["5kg - 10kg", "năm ki lô gam đến mười ki lô gam"],
  ["3,5 kg", "ba phẩy năm ki lô gam"],
  ["120 km", "một trăm hai mươi ki lô mét"],
  ["80km/h", "tám mươi ki lô mét trên giờ"],
  ["50 m²", "năm mươi mét vuông"],
  ["50m2", "năm mươi mét vuông"],
  ["3m³/s", "ba mét khối trên giây"],
  ["2 ha", "hai héc ta"],
  ["5 tấn/ha", "năm tấn một héc ta"],
  ["350 kWh", "ba trăm năm mươi ki lô oát giờ"],
  ["220V", "hai trăm hai mươi vôn"],
  ["150-200mm", "một trăm năm mươi đến hai trăm mi li mét"],
  ["25 mm", "hai mươi lăm mi li mét"],
  ["35-38°C", "ba mươi lăm đến ba mươi tám độ xê"],
  ["-5°C", "âm năm độ xê"],
  ["dưới 10oC", "dưới mười độ xê"],
  ["98,6%", "chín mươi tám phẩy sáu phần trăm"],
  ["5-10%", "năm đến mười phần trăm"],
  ["tăng 5 %", "tăng năm phần trăm"],
  ["20g đường", "hai mươi gam đường"],
  ["5 lít", "năm lít"],
  ["500ml", "năm trăm mi li lít"],
  ["2 lần/tuần", "hai lần một tuần"],
  ["3x4 m", "ba nhân bốn mét"],
  ["10 x 20 m", "mười nhân hai mươi mét"],
  ["1.001 khẩu", "một nghìn không trăm linh một khẩu"],
  ["05 hộ", "năm hộ"],
  ["tỷ lệ 1:500", "tỷ lệ một trên năm trăm"],
  ["bản đồ 1:10.000", "bản đồ một trên mười nghìn"],
  ["thắng 3 - 0", "thắng ba không"],
  ["Thôn 1 - 5 hộ", "Thôn một, năm hộ"],
  ["tháng 3 - tháng 5", "tháng ba đến tháng năm"],
  ["300mm/24h", "ba trăm mi li mét trên hai mươi tư giờ"],
  ["22% x 500.000đ", "hai mươi hai phần trăm nhân năm trăm nghìn đồng"],
  ["250kVA", "hai trăm năm mươi ki lô vôn am pe"],
  ["vượt BĐ2", "vượt báo động hai"],
  [">= 18 tuổi", "lớn hơn hoặc bằng mười tám tuổi"],
];

const ILLNESSES: readonly Case[] = [
  ["COVID-19", "cô vít mười chín"],
  ["Covid 19", "cô vít mười chín"],
  ["cúm A/H5N1", "cúm a hát năm en nờ một"],
  ["H1N1", "hát một en nờ một"],
  ["vaccine", "vắc xin"],
  ["HIV/AIDS", "hát i vê ết"],
];

const SIGNS: readonly Case[] = [
  ["Mời bà con 😀🎉 đến họp", "Mời bà con đến họp"],
  ["Mời\u200b bà\ufeff con", "Mời bà con"],
  ['Mời "bà con" (cả thôn) đến', "Mời bà con, cả thôn, đến"],
  ["- Mang theo CCCD\n- Đến đúng giờ", "Mang theo căn cước công dân.\nĐến đúng giờ"],
  ["• Một\n• Hai", "Một.\nHai"],
  ["THÔNG BÁO\nKính mời", "THÔNG BÁO.\nKính mời"],
  ["Thế à?\nVâng!", "Thế à? Vâng!"],
  ["xong...", "xong."],
  ["xã/phường", "xã, phường"],
  ["nam & nữ", "nam và nữ"],
  ["Bà Rịa-Vũng Tàu", "Bà Rịa Vũng Tàu"],
  ["Hà Nội - Hải Phòng", "Hà Nội, Hải Phòng"],
  ["***", ""],
  ["😀", ""],
  ["５０ hộ", "năm mươi hộ"],
  ["𝗧𝗵𝗼̂𝗻𝗴 𝗯𝗮́𝗼", "Thông báo"],
];

test.each([
  ...DATES,
  ...FRACTIONS_AND_HOUSES,
  ...TIMES,
  ...MONEY,
  ...PHONES_AND_CODES,
  ...DOCUMENTS,
  ...ABBREVIATED,
  ...COUNTED,
  ...QUANTITIES,
  ...ILLNESSES,
  ...SIGNS,
])("reads “%s” as “%s”", check);

test("a whole notice comes out in words only", () => {
  const { readText } = readAloud(
    "UBND xã Tân An thông báo: 6h30 ngày 02/9/2026, tại NVH thôn 3, tổ chức khám bệnh cho 105 hộ có thẻ BHYT.\nLiên hệ: 0912.345.678 (đ/c Hoa).",
  );
  expect(readText).toBe(
    "ủy ban nhân dân xã Tân An thông báo: sáu giờ ba mươi phút ngày hai tháng chín năm hai nghìn không trăm hai mươi sáu, " +
      "tại nhà văn hóa thôn ba, tổ chức khám bệnh cho một trăm linh năm hộ có thẻ bảo hiểm y tế.\n" +
      "Liên hệ: không chín một hai, ba bốn năm, sáu bảy tám, đồng chí Hoa.",
  );
});

test("shows each changed stretch beside its reading", () => {
  const reading = readAloud("UBND xã mời 3 hộ.");
  expect(reading.spans.map(({ original, read }) => [original, read])).toEqual([
    ["UBND", "ủy ban nhân dân"],
    ["3", "ba"],
  ]);
  for (const { from, to, readFrom, original, read } of reading.spans) {
    expect(reading.text.slice(from, to)).toBe(original);
    expect(reading.readText.slice(readFrom, readFrom + read.length)).toBe(read);
  }
});

test("text without figures and abbreviations stays as it is", () => {
  const written = "Kính mời bà con đến nhà văn hóa thôn Đoài họp bàn việc làm đường.";
  expect(readAloud(written)).toEqual({ text: written, readText: written, spans: [] });
});

test.each([
  ["wins over every rule", { "30/4": "ba mươi tháng tư lịch sử" }, "lễ 30/4", "lễ ba mươi tháng tư lịch sử"],
  [
    "wins over the table",
    { TTVH: "trung tâm văn hóa", UBND: "ủy ban" },
    "UBND, TTVH",
    "ủy ban, trung tâm văn hóa",
  ],
  ["takes the longest word first", { Đăk: "đắc", "Đăk Lăk": "đắc lắc" }, "Đăk Lăk", "đắc lắc"],
  ["takes whole words only", { An: "an lành" }, "Anh An, Tân An", "Anh an lành, Tân an lành"],
  ["is exact about capitals", { Lang: "làng" }, "lang Lang", "lang làng"],
  ["finds words typed in pieces", { Sở: "sở ta" }, "Sở".normalize("NFD"), "sở ta"],
])("the glossary %s", (_name, glossary, written, read) => {
  expect(readAloud(written, glossary).readText).toBe(read);
});

test("composed and decomposed letters read the same", () => {
  const written = "Thứ 4, UBND xã họp lúc 7h30 tại Đình làng Mỗ; thắc mắc xin hỏi đ/c Hoà.";
  const mixed = written.slice(0, 20).normalize("NFD") + written.slice(20);
  expect(readAloud(written.normalize("NFD"))).toEqual(readAloud(written));
  expect(readAloud(mixed)).toEqual(readAloud(written));
});

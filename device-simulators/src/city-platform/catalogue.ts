/** Departments, services and people of a believable county service hall (县级政务服务大厅). Invented; no real person. */

export interface CatalogueService {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  readonly short: string;
  /** Typical time at the window, minutes; scaled to the load of the day. */
  readonly meanMinutes: number;
}
export interface CatalogueDepartment {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  readonly short: string;
  /** Share of the windows, in sixtieths. */
  readonly weight: number;
  readonly services: readonly CatalogueService[];
}

const service = (id: string, zh: string, short: string, en: string, meanMinutes: number): CatalogueService => ({
  id,
  zh,
  short,
  en,
  meanMinutes,
});
const department = (
  id: string,
  zh: string,
  short: string,
  en: string,
  weight: number,
  services: readonly CatalogueService[],
): CatalogueDepartment => ({ id, zh, short, en, weight, services });

/** Twenty departments, busiest first. */
export const catalogue: readonly CatalogueDepartment[] = [
  department('household', '公安局户政大队', '户政', 'Household Registration', 5, [
    service('id-card', '居民身份证办理', '身份证', 'Identity card', 3),
    service('residence', '户口登记与迁移', '户口', 'Residence registration', 5),
    service('residence-permit', '居住证办理', '居住证', 'Residence permit', 3),
  ]),
  department('entry-exit', '公安局出入境管理大队', '出入境', 'Exit and Entry', 4, [
    service('passport', '普通护照签发', '护照', 'Passport', 4),
    service('hk-macao', '往来港澳通行证', '港澳证', 'Hong Kong and Macao permit', 3),
    service('taiwan', '往来台湾通行证', '台湾证', 'Taiwan permit', 3),
  ]),
  department('traffic', '公安局交通警察大队', '交警', 'Traffic Police', 4, [
    service('driving-licence', '驾驶证换证补证', '驾驶证', 'Driving licence', 3),
    service('vehicle', '机动车登记', '机动车', 'Vehicle registration', 5),
    service('violation', '交通违法处理', '违法处理', 'Traffic violation', 2),
  ]),
  department('market', '市场监督管理局', '市监', 'Market Regulation', 6, [
    service('company', '企业设立登记', '企业设立', 'Company registration', 8),
    service('company-change', '企业变更注销', '变更注销', 'Company change and closure', 7),
    service('self-employed', '个体工商户登记', '个体户', 'Self-employed registration', 5),
    service('food-permit', '食品经营许可', '食品许可', 'Food business permit', 6),
  ]),
  department('tax', '税务局', '税务', 'Taxation', 6, [
    service('tax-filing', '纳税申报', '申报', 'Tax filing', 4),
    service('invoice', '发票领用与代开', '发票', 'Invoices', 4),
    service('property-tax', '房产交易办税', '房产办税', 'Property tax', 6),
    service('tax-certificate', '完税证明开具', '完税证明', 'Tax certificate', 2),
  ]),
  department('social', '人力资源和社会保障局', '人社', 'Human Resources and Social Security', 6, [
    service('pension', '养老保险待遇', '养老', 'Pension', 5),
    service('insured', '参保登记与关系转移', '参保转移', 'Insurance registration', 4),
    service('social-card', '社会保障卡服务', '社保卡', 'Social security card', 3),
    service('employment', '就业失业登记', '就业', 'Employment', 4),
  ]),
  department('medical', '医疗保障局', '医保', 'Medical Security', 4, [
    service('medical-claim', '医疗费用报销', '医保报销', 'Medical claim', 5),
    service('medical-record', '异地就医备案', '异地就医', 'Treatment elsewhere', 3),
    service('maternity', '生育保险待遇', '生育', 'Maternity insurance', 4),
  ]),
  department('property', '不动产登记中心', '不动产', 'Real Estate Registration', 6, [
    service('transfer', '不动产转移登记', '转移登记', 'Ownership transfer', 8),
    service('mortgage', '不动产抵押登记', '抵押登记', 'Mortgage', 6),
    service('property-query', '不动产信息查询', '信息查询', 'Property query', 2),
  ]),
  department('fund', '住房公积金管理中心', '公积金', 'Housing Provident Fund', 3, [
    service('fund-withdraw', '公积金提取', '提取', 'Fund withdrawal', 4),
    service('fund-loan', '公积金贷款', '贷款', 'Fund loan', 8),
  ]),
  department('civil', '民政局', '民政', 'Civil Affairs', 2, [
    service('marriage', '婚姻登记', '婚姻', 'Marriage registration', 7),
    service('relief', '社会救助申请', '救助', 'Social relief', 6),
  ]),
  department('health', '卫生健康局', '卫健', 'Health', 2, [
    service('health-permit', '公共场所卫生许可', '卫生许可', 'Hygiene permit', 5),
    service('doctor', '医师执业注册', '医师注册', 'Doctor registration', 4),
  ]),
  department('housing', '住房和城乡建设局', '住建', 'Housing and Construction', 2, [
    service('construction', '建筑工程施工许可', '施工许可', 'Construction permit', 8),
    service('presale', '商品房预售许可', '预售许可', 'Presale permit', 6),
  ]),
  department('planning', '自然资源和规划局', '资规', 'Natural Resources and Planning', 1, [
    service('land-use', '建设用地规划许可', '用地规划', 'Land use permit', 7),
    service('planning-check', '规划条件核实', '规划核实', 'Planning verification', 6),
  ]),
  department('transport', '交通运输局', '交通', 'Transport', 2, [
    service('road-transport', '道路运输经营许可', '道路运输', 'Road transport permit', 5),
    service('driver-card', '从业资格证办理', '从业资格', 'Driver qualification', 3),
  ]),
  department('education', '教育体育局', '教体', 'Education and Sports', 1, [
    service('teacher', '教师资格认定', '教师资格', 'Teacher qualification', 4),
    service('school', '入学转学办理', '入学转学', 'School enrolment', 4),
  ]),
  department('environment', '生态环境局', '环境', 'Ecology and Environment', 1, [
    service('eia', '环境影响评价审批', '环评', 'Environmental assessment', 8),
    service('discharge', '排污许可', '排污许可', 'Discharge permit', 6),
  ]),
  department('urban', '城市管理局', '城管', 'Urban Management', 1, [
    service('signboard', '户外广告设置', '户外广告', 'Outdoor signs', 4),
    service('road-occupy', '占道挖掘许可', '占道挖掘', 'Road occupation', 5),
  ]),
  department('utilities', '公用事业服务专区', '水电气', 'Utilities', 2, [
    service('water', '供水报装与缴费', '供水', 'Water', 3),
    service('power', '用电报装与变更', '供电', 'Electricity', 4),
    service('gas', '燃气报装与过户', '燃气', 'Gas', 4),
  ]),
  department('notary', '公证处', '公证', 'Notary', 1, [
    service('notary-family', '亲属关系公证', '亲属公证', 'Family notarisation', 8),
    service('notary-power', '委托公证', '委托公证', 'Power of attorney', 6),
  ]),
  department('guidance', '政务服务局综合受理', '综合', 'General Reception', 1, [
    service('one-thing', '高效办成一件事', '一件事', 'One-stop matter', 9),
    service('stuck', '办不成事反映', '办不成事', 'Unresolved matters', 8),
    service('agency', '帮办代办', '帮代办', 'Assisted service', 5),
  ]),
];

/** 禤 and 祎 lie outside GB2312: what a card cannot draw must show up in a demonstration. */
export const surnames = Array.from('王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡禤');
export const givenNames = [
  '伟',
  '芳',
  '娜',
  '敏',
  '静',
  '磊',
  '洋',
  '艳',
  '勇',
  '军',
  '杰',
  '娟',
  '涛',
  '明',
  '超',
  '霞',
  '平',
  '刚',
  '桂英',
  '建华',
  '志强',
  '秀兰',
  '晓燕',
  '海涛',
  '文博',
  '雨欣',
  '子涵',
  '思远',
  '佳怡',
  '俊杰',
  '春梅',
  '国庆',
  '雪松',
  '立新',
  '婷婷',
  '祎',
];

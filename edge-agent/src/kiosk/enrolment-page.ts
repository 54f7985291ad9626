import type { Codes } from '../enrolment/enrol.ts';

/**
 * The page of an agent that waits to be admitted. It loads itself anew, so that the board comes by itself once that is done. Codes
 * are letters and digits only.
 */
export function enrolmentPage({ code, trustCode }: Codes): string {
  return `<!doctype html>
<html lang="zh-CN">
<head>
  <meta charset="utf-8">
  <meta http-equiv="refresh" content="2">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>大厅边缘代理</title>
  <link rel="stylesheet" href="/fonts/index.css">
  <link rel="stylesheet" href="/kiosk/enrolment.css">
</head>
<body>
<main>
  <h1>等待登记 <span lang="en">Waiting to be admitted</span></h1>
  <p>请在控制台“代理”页核对此校验码 <span lang="en">Compare this code in the console, room “Agents”</span></p>
  <p class="code" id="code">${code}</p>
  <p>服务器校验码 <span lang="en">Code of the server</span></p>
  <p class="code small" id="trust-code">${trustCode}</p>
</main>
</body>
</html>
`;
}

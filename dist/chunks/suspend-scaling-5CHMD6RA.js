import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{restoreScaling,suspendScaling}from"./chunk-6RSEYQ3F.js";import"./chunk-X3HAXEKT.js";import"./chunk-YBWJSKIM.js";import"./chunk-MTO7E2RK.js";export{restoreScaling,suspendScaling};

import subprocess,time
N=1<<20
def bomb(n,w): 
    s='version: 1\nname: x\nsettings: {}\nexpect:\n- &a0 [x,x,x,x,x,x,x,x,x]\n'
    for i in range(1,n): s+='- &a%d [%s]\n'%(i,','.join(['*a%d'%(i-1)]*w))
    return s
H='version: 1\nname: x\n'
cases={
'bomb':bomb(30,9),'textbomb':H+'a: &a "'+'x'*900000+'"\nb: ['+','.join(['*a']*5000)+']',
'errbomb':H+'a: &a {q: 1, w: 2}\nb: ['+','.join(['*a']*30000)+']',
'badgrid':H+'grid:\n'+'  - {dpth: 1}\n'*50000,
'badgrid1':H+'grid: ['+'{dpth: 1},'*50000+']',
'inits':H+'grid: {initializer: ['+','.join('{normal: {stddev: %d}}'%i for i in range(20000))+']}',
'widths':H+'grid: {width: ['+','.join('[%d,1]'%(i+1) for i in range(40000))+']}',
'lin':H+'grid:\n'+''.join('  - {learning_rate: {linear: [0,%d], num: 1000000}}\n'%(i+1) for i in range(200)),
'range':H+'grid: {steps: {range: [1,1000000000], step: 1}}',
'seeds':H+'seeds: 1000000','seedsl':H+'seeds: ['+','.join(str(i) for i in range(120000))+']',
'open':'['*N,'opennl':'[\n'*(N//2),'deep':'['*9000,'deepc':'{a: '*9000,
'ones':'[1'+',1'*(N//2-2)+']','block1':'- 1\n'*(N//4),'map':''.join('k%d: 1\n'%i for i in range(N//12)),
'map2':''.join('kéé%d: 1\n'%i for i in range(90000)),
'mapline':'{'+''.join('k%d: 1,'%i for i in range(90000))+'}',
'maplineu':'{'+''.join('ké%d: 1,'%i for i in range(80000))+'}',
'anchors':''.join('- &a%d 1\n'%i for i in range(N//13)),'kcolon':'a:\n'*(N//3),
'nlscalar':'a: x'+'\n'*(N-10),'quotes':"['"+"','"*(N//3-2)+"']",
'openq':'a: ["'+'",a,"'*(N//5-10),
'big':'a'*(5<<20),'nest_anchor':''.join('&a%d ['%i for i in range(60))+'1,'*60000+']'*60,
'longname':H+'settings: {'+'x'*900000+': 1}','longinit':H+'settings: {initializer: '+'y'*900000+'}',
'nulls':'['+','*(N-3)+']','tildes':'['+'~,'*(N//2-3)+']','tags':'- !a 1\n'*(N//7),
'includes':H+'include:\n'+'  - {depth: 3}\n'*60000,'expects':H+'expect:\n'+'  - {claim: a, status: ok}\n'*30000,
'expectsid':H+'expect:\n'+'  - {claim: a, status: ok, id: a}\n'*20000,
'excl':H+'exclude:\n'+'  - {width: [%s]}\n'%','.join(['1']*9999)*15,
}
for k,v in cases.items():
    open('adv.yaml','w').write(v)
    t=time.time()
    p=subprocess.run(['/usr/bin/time','-f','%M KB','./drive','adv.yaml'],capture_output=True)
    o=p.stdout.decode('utf8','replace').strip().split('\n'); e=p.stderr.decode().strip()
    print('%-12s %6.2fs %8s rc%d | %s ... %d lines'%(k,time.time()-t,e[-12:],p.returncode,o[0][:120],len(o)),flush=True)
